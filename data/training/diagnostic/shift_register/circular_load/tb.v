`timescale 1ns/1ns
module tb_ring_load;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg load;
    reg [1:0] step;
    reg [6:0] d;
    wire [6:0] q;
    integer value, k;
    ring_load dut (.clk(clk), .rst(rst), .load(load), .step(step), .d(d), .q(q));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) value = 1;
        else if (load) value = d;
        else for (k = 0; k < step; k = k + 1) value = (2 * value) % 128 + value / 64;

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 60 == 0;
            load = $urandom % 8 == 0;
            step = $urandom;
            d = $urandom;
            #2 if (cycle >= 2 && q !== value[6:0])
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
