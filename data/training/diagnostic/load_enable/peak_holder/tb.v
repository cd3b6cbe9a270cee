`timescale 1ns/1ns
module tb_peak_hold;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg clear;
    reg valid;
    reg [7:0] x;
    wire [7:0] largest;
    wire [7:0] smallest;
    wire any;
    integer top, bottom, count, v;
    peak_hold dut (.clk(clk), .rst_n(rst_n), .clear(clear), .valid(valid), .x(x), .largest(largest), .smallest(smallest), .any(any));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n) begin
        v = x[7] ? x - 256 : x;
        if (!rst_n || clear) begin top = 0; bottom = 0; count = 0; end
        if (rst_n && valid) begin
            top = count == 0 || v > top ? v : top;
            bottom = count == 0 || v < bottom ? v : bottom;
            count = count + 1;
        end
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 90 == 0);
            clear = $urandom % 12 == 0;
            valid = $urandom % 3 != 0;
            x = $urandom;
            #2 if (cycle >= 2 && {largest, smallest, any} !== {top[7:0], bottom[7:0], count != 0})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
