module quad_count (
    input  logic       clk,
    input  logic       rst,
    input  logic       a,
    input  logic       b,
    output logic [7:0] position,
    output logic       error
);
    logic last_a, last_b;
    logic moved_a, moved_b;

    assign moved_a = a ^ last_a;
    assign moved_b = b ^ last_b;

    always_ff @(posedge clk) begin
        last_a <= a;
        last_b <= b;
        if (rst) begin
            position <= 8'd0;
            error    <= 1'b0;
        end else if (moved_a && moved_b)
            error <= 1'b1;
        else if (moved_a || moved_b) begin
            if (a ^ last_b)
                position <= position + 8'd1;
            else
                position <= position - 8'd1;
        end
    end
endmodule
