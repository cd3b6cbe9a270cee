module stack8 (
    input  logic       clk,
    input  logic       rst,
    input  logic       push,
    input  logic       pop,
    input  logic [5:0] d,
    output logic [5:0] top,
    output logic [3:0] count,
    output logic       full,
    output logic       empty
);
    logic [5:0] words [0:7];
    logic [2:0] newest;  // index of the top word
    logic       replaces;
    logic       adds;

    assign full     = count == 4'd8;
    assign empty    = count == 4'd0;
    assign newest   = count[2:0] - 3'd1;
    assign top      = empty ? 6'd0 : words[newest];
    assign replaces = push && pop && !empty;
    assign adds     = push && !replaces && !full;

    always_ff @(posedge clk) begin
        if (replaces)
            words[newest] <= d;
        else if (adds)
            words[count[2:0]] <= d;
    end

    always_ff @(posedge clk) begin
        if (rst)
            count <= 4'd0;
        else if (adds)
            count <= count + 4'd1;
        else if (pop && !push && !empty)
            count <= count - 4'd1;
    end
endmodule
