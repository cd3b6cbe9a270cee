`timescale 1ns/1ns
module tb_recent2;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg use_key;
    reg [5:0] key;
    wire hit;
    wire [5:0] newest;
    wire [5:0] oldest;
    wire [1:0] filled;
    integer list [0:1];  // -1 for an empty place
    recent2 dut (.clk(clk), .rst(rst), .use_key(use_key), .key(key), .hit(hit), .newest(newest), .oldest(oldest), .filled(filled));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) begin list[0] = -1; list[1] = -1; end
        else if (use_key && list[0] != key) begin
            list[1] = list[0]; list[0] = key;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 100 == 0;
            use_key = $urandom;
            key = $urandom % 5;
            #2 if (cycle >= 2 && {hit, newest, oldest, filled} !== {list[0] == key || list[1] == key, list[0] < 0 ? 6'd0 : list[0][5:0], list[1] < 0 ? 6'd0 : list[1][5:0], (list[0] >= 0) + 2'd0 + (list[1] >= 0)})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
