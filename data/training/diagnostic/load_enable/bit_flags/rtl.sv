module flag_bank (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       en,
    input  logic [1:0] op,
    input  logic [2:0] index,
    output logic [7:0] flags,
    output logic       selected
);
    logic [7:0] mask;

    assign mask     = 8'd1 << index;
    assign selected = flags[index];

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n)
            flags <= 8'd0;
        else if (en) begin
            case (op)
                2'd0:    flags <= flags & ~mask;
                2'd1:    flags <= flags | mask;
                2'd2:    flags <= flags ^ mask;
                default: flags <= 8'd0;
            endcase
        end
    end
endmodule
