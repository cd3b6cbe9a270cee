`timescale 1ns/1ns
module tb_breathe;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    wire led;
    integer n, step, level;
    breathe dut (.clk(clk), .rst_n(rst_n), .led(led));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) n = 0;
        else n = n + 1;
    always @(*) begin
        step = (n / 8) % 16;
        level = step <= 8 ? step : 16 - step;
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 600 == 0);
            #2 if (cycle >= 2 && led !== (n % 8 < level))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
