`timescale 1ns/1ns
module tb_stretch5;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg pulse;
    wire long_pulse;
    reg [5:0] seen;  // samples, the latest in bit 0
    stretch5 dut (.clk(clk), .rst(rst), .pulse(pulse), .long_pulse(long_pulse));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) seen <= 0;
        else seen <= {seen[4:0], pulse};

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 80 == 0;
            pulse = $urandom % (cycle[6] ? 2 : 7) == 0;
            #2 if (cycle >= 2 && long_pulse !== |(seen[4:0] & ~seen[5:1]))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
