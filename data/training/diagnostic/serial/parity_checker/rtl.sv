module parity_rx (
    input  logic       clk,
    input  logic       rst,
    input  logic       valid,
    input  logic       bit_in,
    input  logic       odd,
    output logic [7:0] word,
    output logic       good,
    output logic       bad
);
    logic [7:0] bits;
    logic [3:0] count;
    logic       is_right;

    assign is_right = (^bits ^ bit_in) == odd;

    always_ff @(posedge clk) begin
        if (rst) begin
            bits  <= 8'd0;
            count <= 4'd0;
            word  <= 8'd0;
            good  <= 1'b0;
            bad   <= 1'b0;
        end else begin
            good <= 1'b0;
            bad  <= 1'b0;
            if (valid && count == 4'd8) begin
                count <= 4'd0;
                word  <= bits;
                good  <= is_right;
                bad   <= !is_right;
            end else if (valid) begin
                bits  <= {bit_in, bits[7:1]};
                count <= count + 4'd1;
            end
        end
    end
endmodule
