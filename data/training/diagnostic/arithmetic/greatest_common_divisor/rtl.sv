module gcd8 (
    input  logic       clk,
    input  logic       rst,
    input  logic       start,
    input  logic [7:0] a,
    input  logic [7:0] b,
    output logic       busy,
    output logic [7:0] result
);
    logic [7:0] x, y;

    assign busy   = x != y && x != 8'd0 && y != 8'd0;
    assign result = x | y;

    always_ff @(posedge clk) begin
        if (rst) begin
            x <= 8'd0;
            y <= 8'd0;
        end else if (busy) begin
            if (x > y)
                x <= x - y;
            else
                y <= y - x;
        end else if (start) begin
            x <= a;
            y <= b;
        end
    end
endmodule
