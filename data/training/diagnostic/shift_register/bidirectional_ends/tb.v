`timescale 1ns/1ns
module tb_shift_lr;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg en;
    reg left;
    reg in_low;
    reg in_high;
    wire [5:0] q;
    wire out_low;
    wire out_high;
    integer value;
    reg low, high;
    shift_lr dut (.clk(clk), .rst(rst), .en(en), .left(left), .in_low(in_low), .in_high(in_high), .q(q), .out_low(out_low), .out_high(out_high));
    always #5 clk = ~clk;

    // What is expected.
    always @(negedge clk)
        if (rst) begin
            value = 0; low = 0; high = 0;
        end else if (en && left) begin
            high = value >= 32;
            value = (2 * value + in_low) % 64;
        end else if (en) begin
            low = value % 2;
            value = value / 2 + 32 * in_high;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(posedge clk);
            rst = cycle < 2 || $urandom % 60 == 0;
            en = $urandom % 4 != 0;
            left = $urandom;
            in_low = $urandom;
            in_high = $urandom;
            #2 if (cycle >= 2 && {q, out_low, out_high} !== {value[5:0], low, high})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
