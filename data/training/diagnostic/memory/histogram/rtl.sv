module histogram8 (
    input  logic       clk,
    input  logic       rst,
    input  logic       valid,
    input  logic [2:0] value,
    input  logic [2:0] addr,
    output logic [4:0] count
);
    logic [4:0] tally [0:7];

    always_ff @(posedge clk) begin
        if (rst) begin
            for (int k = 0; k < 8; k++)
                tally[k] <= 5'd0;
        end else if (valid && tally[value] != 5'd31)
            tally[value] <= tally[value] + 5'd1;
    end

    assign count = tally[addr];
endmodule
