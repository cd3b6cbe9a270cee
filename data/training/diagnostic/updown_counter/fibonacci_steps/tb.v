`timescale 1ns/1ns
module tb_fib_count;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg forward;
    reg back;
    wire [7:0] value;
    wire first;
    wire last;
    integer at, k, x, y, t;
    fib_count dut (.clk(clk), .rst(rst), .forward(forward), .back(back), .value(value), .first(first), .last(last));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) at = 0;
        else if (forward && !back && at < 11) at = at + 1;
        else if (back && !forward && at > 0) at = at - 1;
    always @(at) begin
        x = 1; y = 2;
        for (k = 0; k < at; k = k + 1) begin t = x + y; x = y; y = t; end
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 150 == 0;
            forward = $urandom % 4 < (cycle[5] ? 3 : 1);
            back = $urandom % 4 < (cycle[5] ? 1 : 3);
            #2 if (cycle >= 2 && {value, first, last} !== {x[7:0], at == 0, at == 11})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
