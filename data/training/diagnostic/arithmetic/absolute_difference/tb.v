`timescale 1ns/1ns
module tb_abs_diff;
    integer errors = 0, cycle;
    reg [9:0] a;
    reg [9:0] b;
    wire [9:0] d;
    wire a_is_less;
    integer x;
    abs_diff dut (.a(a), .b(b), .d(d), .a_is_less(a_is_less));

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            #5;
            a = $urandom;
            b = $urandom % 4 == 0 ? a + $urandom % 3 - 1 : $urandom;
            x = a - b;
            #2 if ({d, a_is_less} !== {x < 0 ? -x[9:0] : x[9:0], x < 0})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
