`timescale 1ns/1ns
module tb_gcd8;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg start;
    reg [7:0] a;
    reg [7:0] b;
    wire busy;
    wire [7:0] result;
    integer m, n, p, q, r;  // present numbers; the divisor by Euclid's remainders
    gcd8 dut (.clk(clk), .rst(rst), .start(start), .a(a), .b(b), .busy(busy), .result(result));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) begin m = 0; n = 0; r = 0; end
        else if (m != n && m > 0 && n > 0) begin
            if (m > n) m = m - n;
            else n = n - m;
        end else if (start) begin
            m = a; n = b; p = a; q = b;
            while (q != 0) begin r = p % q; p = q; q = r; end
            r = p;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 300 == 0;
            start = $urandom;
            a = $urandom % 4 == 0 ? $urandom % 4 : $urandom;
            b = $urandom % 4 == 0 ? 0 : $urandom % 8 * ($urandom % 30);
            #2 if (cycle >= 2 && {busy, result} !== {m != n && m > 0 && n > 0, m != n && m > 0 && n > 0 ? m[7:0] | n[7:0] : r[7:0]})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
