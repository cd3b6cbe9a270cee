`timescale 1ns/1ns
module tb_phase_ticks;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    wire tick;
    integer n;  // edges since reset
    phase_ticks dut (.clk(clk), .rst_n(rst_n), .tick(tick));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk) n <= rst_n ? n + 1 : 0;

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 90 == 0);
            #2 if (cycle >= 2 && tick !== (n > 0 && (3 * n) / 7 != (3 * n - 3) / 7))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
