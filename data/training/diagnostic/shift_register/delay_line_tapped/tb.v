`timescale 1ns/1ns
module tb_delay_tap;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg push;
    reg [3:0] sample;
    reg [2:0] tap;
    wire [3:0] out;
    reg [3:0] stage [0:7];
    integer k;
    delay_tap dut (.clk(clk), .rst_n(rst_n), .push(push), .sample(sample), .tap(tap), .out(out));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        for (k = 7; k >= 0; k = k - 1)
            if (!rst_n) stage[k] = 0;
            else if (push) stage[k] = k ? stage[k - 1] : sample;

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 100 == 0);
            push = $urandom % 3 != 0;
            sample = $urandom;
            tap = $urandom;
            #2 if (cycle >= 2 && out !== stage[tap])
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
