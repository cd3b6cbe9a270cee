`timescale 1ns/1ns
module tb_barrel16;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg en;
    reg [1:0] mode;
    reg [3:0] amount;
    reg [15:0] d;
    wire [15:0] q;
    reg [15:0] r;
    integer k;
    barrel16 dut (.clk(clk), .rst(rst), .en(en), .mode(mode), .amount(amount), .d(d), .q(q));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) r = 0;
        else if (en) begin
            r = d;
            for (k = 0; k < amount; k = k + 1)
                case (mode)
                    0: r = {r[14:0], 1'b0};
                    1: r = {1'b0, r[15:1]};
                    2: r = {r[15], r[15:1]};
                    3: r = {r[0], r[15:1]};
                endcase
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 60 == 0;
            en = $urandom % 5 != 0;
            mode = $urandom;
            amount = $urandom;
            d = $urandom;
            #2 if (cycle >= 2 && q !== r)
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
