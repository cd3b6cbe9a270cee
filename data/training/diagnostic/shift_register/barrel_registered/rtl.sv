module barrel16 (
    input  logic        clk,
    input  logic        rst,
    input  logic        en,
    input  logic [1:0]  mode,
    input  logic [3:0]  amount,
    input  logic [15:0] d,
    output logic [15:0] q
);
    logic [15:0] result;

    always_comb begin
        case (mode)
            2'd0:    result = d << amount;
            2'd1:    result = d >> amount;
            2'd2:    result = $signed(d) >>> amount;
            default: result = (d >> amount) | (d << (5'd16 - {1'b0, amount}));
        endcase
    end

    always_ff @(posedge clk) begin
        if (rst)
            q <= 16'd0;
        else if (en)
            q <= result;
    end
endmodule
