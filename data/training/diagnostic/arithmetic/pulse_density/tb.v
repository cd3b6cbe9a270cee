`timescale 1ns/1ns
module tb_sigma_delta;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg [4:0] level;
    wire pulse;
    integer total, carried;
    sigma_delta dut (.clk(clk), .rst(rst), .level(level), .pulse(pulse));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or posedge rst)
        if (rst) begin total = 0; carried = 0; end
        else begin
            carried = (total + level) / 32 - total / 32;
            total = total + level;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 200 == 0;
            if (cycle == 0 || $urandom % 20 == 0) level = $urandom;
            #2 if (cycle >= 2 && pulse !== carried[0])
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
