`timescale 1ns/1ns
module tb_burst_gate;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg [2:0] length;
    reg go;
    wire ce;
    wire idle;
    integer at, n;  // cycle of the burst, from 0; enables wanted
    burst_gate dut (.clk(clk), .rst(rst), .length(length), .go(go), .ce(ce), .idle(idle));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) n = 0;
        else if (n > 0) begin
            at = at + 1;
            if (at == 2 * n - 1) n = 0;
        end else if (go) begin n = length; at = 0; end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 150 == 0;
            length = $urandom;
            go = $urandom % 3 == 0;
            #2 if (cycle >= 2 && {ce, idle} !== {n > 0 && at % 2 == 0, n == 0})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
