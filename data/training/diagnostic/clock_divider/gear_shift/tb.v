`timescale 1ns/1ns
module tb_gear_div;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg [1:0] gear;
    wire wave;
    integer now, until_edge;
    reg w;
    gear_div dut (.clk(clk), .rst(rst), .gear(gear), .wave(wave));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or posedge rst)
        if (rst) begin now = 0; until_edge = 1; w = 0; end
        else begin
            now = now + 1;
            if (now == until_edge) begin
                w = !w;
                until_edge = now + 2 ** gear;
            end
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 120 == 0;
            if ($urandom % 5 == 0) gear = $urandom;
            if (cycle == 0) gear = 0;
            #2 if (cycle >= 2 && wave !== w)
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
