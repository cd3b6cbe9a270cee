module fib_count (
    input  logic       clk,
    input  logic       rst,
    input  logic       forward,
    input  logic       back,
    output logic [7:0] value,
    output logic       first,
    output logic       last
);
    logic [7:0] previous;  // the number before value; 1 before the first

    assign first = value == 8'd1;
    assign last  = value == 8'd233;

    always_ff @(posedge clk) begin
        if (rst) begin
            value    <= 8'd1;
            previous <= 8'd1;
        end else if (forward && !back && !last) begin
            value    <= value + previous;
            previous <= value;
        end else if (back && !forward && !first) begin
            value    <= previous;
            previous <= value - previous;
        end
    end
endmodule
