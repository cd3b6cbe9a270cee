`timescale 1ns/1ns
module tb_negate_moore;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg start;
    reg bit_in;
    wire bit_out;
    reg seen, exp;
    negate_moore dut (.clk(clk), .rst(rst), .start(start), .bit_in(bit_in), .bit_out(bit_out));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) {seen, exp} <= 2'b00;
        else begin
            exp  <= bit_in ^ (seen & ~start);
            seen <= bit_in | (seen & ~start);
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 100 == 0;
            start = $urandom % 9 == 0;
            bit_in = $urandom % 3 == 0;
            #2 if (cycle >= 2 && bit_out !== exp)
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
