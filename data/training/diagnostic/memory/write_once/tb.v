`timescale 1ns/1ns
module tb_fuse_box;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg burn;
    reg lock;
    reg [2:0] addr;
    reg [3:0] d;
    wire [3:0] q;
    wire locked;
    reg [4:0] m [0:7];  // the lock, and the word
    integer k;
    fuse_box dut (.clk(clk), .rst(rst), .burn(burn), .lock(lock), .addr(addr), .d(d), .q(q), .locked(locked));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) for (k = 0; k < 8; k = k + 1) m[k] = 0;
        else begin
            if (burn && m[addr] < 16) m[addr] = m[addr] | d;
            if (lock) m[addr] = m[addr] | 16;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 60 == 0;
            burn = $urandom;
            lock = $urandom % 8 == 0;
            addr = $urandom;
            d = $urandom & $urandom;
            #2 if (cycle >= 2 && {locked, q} !== m[addr])
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
