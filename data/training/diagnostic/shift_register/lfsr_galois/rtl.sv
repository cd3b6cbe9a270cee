module prbs_galois (
    input  logic       clk,
    input  logic       rst,
    input  logic       en,
    input  logic [7:0] seed,
    input  logic       load,
    output logic [7:0] state,
    output logic       bit_out
);
    always_ff @(posedge clk) begin
        if (rst)
            state <= 8'h01;
        else if (load)
            state <= seed == 8'd0 ? 8'h01 : seed;
        else if (en)
            state <= {1'b0, state[7:1]} ^ (state[0] ? 8'hB8 : 8'h00);
    end

    assign bit_out = state[0];
endmodule
