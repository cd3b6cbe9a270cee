module half_bridge (
    input  logic clk,
    input  logic rst_n,
    input  logic want_high,
    output logic high_on,
    output logic low_on
);
    logic       last;
    logic [1:0] wait_left;

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            last      <= 1'b0;
            wait_left <= 2'd0;
            high_on   <= 1'b0;
            low_on    <= 1'b0;
        end else begin
            last <= want_high;
            if (want_high != last || (!high_on && !low_on && wait_left == 2'd0)) begin
                wait_left <= 2'd3;
                high_on   <= 1'b0;
                low_on    <= 1'b0;
            end else if (wait_left != 2'd0) begin
                wait_left <= wait_left - 2'd1;
                high_on   <= wait_left == 2'd1 && last;
                low_on    <= wait_left == 2'd1 && !last;
            end
        end
    end
endmodule
