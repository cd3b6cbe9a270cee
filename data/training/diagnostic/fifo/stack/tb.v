`timescale 1ns/1ns
module tb_stack8;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg push;
    reg pop;
    reg [5:0] d;
    wire [5:0] top;
    wire [3:0] count;
    wire full;
    wire empty;
    reg [5:0] kept [0:15];
    integer n;
    stack8 dut (.clk(clk), .rst(rst), .push(push), .pop(pop), .d(d), .top(top), .count(count), .full(full), .empty(empty));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) n = 0;
        else begin
            if (pop && push && n > 0) kept[n - 1] = d;
            else if (push && n < 8) begin kept[n] = d; n = n + 1; end
            else if (pop && !push && n > 0) n = n - 1;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 200 == 0;
            push = $urandom % (cycle[6] ? 2 : 4) == 0;
            pop = $urandom % (cycle[6] ? 4 : 2) == 0;
            d = $urandom;
            #2 if (cycle >= 2 && {top, count, full, empty} !== {n > 0 ? kept[n - 1] : 6'd0, n[3:0], n == 8, n == 0})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
