`timescale 1ns/1ns
module tb_shr_en;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg en;
    reg si;
    wire [9:0] q;
    wire so;
    integer value;
    shr_en dut (.clk(clk), .rst_n(rst_n), .en(en), .si(si), .q(q), .so(so));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) value <= 1023;
        else if (en) value <= value / 2 + (si ? 512 : 0);

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 60 == 0);
            en = $urandom % 4 != 0;
            si = $urandom;
            #2 if (cycle >= 2 && {q, so} !== {value[9:0], value[0]})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
