`timescale 1ns/1ns
module tb_flag_bank;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg en;
    reg [1:0] op;
    reg [2:0] index;
    wire [7:0] flags;
    wire selected;
    reg f [0:7];
    integer k;
    flag_bank dut (.clk(clk), .rst_n(rst_n), .en(en), .op(op), .index(index), .flags(flags), .selected(selected));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        for (k = 0; k < 8; k = k + 1)
            if (!rst_n) f[k] = 0;
            else if (en && (op == 3 || index == k)) f[k] = op == 1 || (op == 2 && !f[k]);

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 120 == 0);
            en = $urandom % 4 != 0;
            op = $urandom % 9 == 0 ? 3 : $urandom % 3;
            index = $urandom;
            #2 if (cycle >= 2 && {flags, selected} !== {f[7], f[6], f[5], f[4], f[3], f[2], f[1], f[0], f[index]})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
