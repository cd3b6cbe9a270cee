module delay_tap (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       push,
    input  logic [3:0] sample,
    input  logic [2:0] tap,
    output logic [3:0] out
);
    logic [31:0] line;  // stage N in bits 4N+3 to 4N

    always_ff @(posedge clk) begin
        if (!rst_n)
            line <= 32'd0;
        else if (push)
            line <= {line[27:0], sample};
    end

    assign out = line[{tap, 2'b00} +: 4];
endmodule
