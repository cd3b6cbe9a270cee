module shift_lr (
    input  logic       clk,
    input  logic       rst,
    input  logic       en,
    input  logic       left,
    input  logic       in_low,
    input  logic       in_high,
    output logic [5:0] q,
    output logic       out_low,
    output logic       out_high
);
    always_ff @(negedge clk) begin
        if (rst) begin
            q        <= 6'd0;
            out_low  <= 1'b0;
            out_high <= 1'b0;
        end else if (en) begin
            if (left) begin
                q        <= {q[4:0], in_low};
                out_high <= q[5];
            end else begin
                q       <= {in_high, q[5:1]};
                out_low <= q[0];
            end
        end
    end
endmodule
