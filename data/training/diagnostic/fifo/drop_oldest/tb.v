`timescale 1ns/1ns
module tb_last_four;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg put;
    reg [4:0] d;
    reg take;
    wire [4:0] oldest;
    wire [2:0] stored;
    wire lost;
    reg [24:0] w;  // the oldest word in the lowest bits
    integer n;
    reg gone;
    last_four dut (.clk(clk), .rst(rst), .put(put), .d(d), .take(take), .oldest(oldest), .stored(stored), .lost(lost));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) begin w = 0; n = 0; gone = 0; end
        else begin
            gone = 0;
            if (take && n > 0) begin w = w >> 5; n = n - 1; end
            if (put) begin
                w = w | (d << (5 * n)); n = n + 1;
                if (n == 5) begin w = w >> 5; n = 4; gone = 1; end
            end
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 200 == 0;
            put = $urandom % (cycle[5] ? 2 : 3) == 0;
            take = $urandom % (cycle[5] ? 4 : 2) == 0;
            d = $urandom;
            #2 if (cycle >= 2 && {oldest, stored, lost} !== {n > 0 ? w[4:0] : 5'd0, n[2:0], gone})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
