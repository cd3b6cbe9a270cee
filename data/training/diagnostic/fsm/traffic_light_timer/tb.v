`timescale 1ns/1ns
module tb_traffic_timer;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    wire red;
    wire yellow;
    wire green;
    integer at;  // position in the cycle of 17
    traffic_timer dut (.clk(clk), .rst(rst), .red(red), .yellow(yellow), .green(green));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk) at <= rst ? 0 : (at + 1) % 17;

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 100 == 0;
            #2 if (cycle >= 2 && {red, green, yellow} !== {at < 6, at >= 6 && at < 14, at >= 14})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
