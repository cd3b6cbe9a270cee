`timescale 1ns/1ns
module tb_fall_pulse;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg sig;
    wire fell;
    reg [2:0] seen;
    fall_pulse dut (.clk(clk), .rst_n(rst_n), .sig(sig), .fell(fell));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) seen <= 0;
        else seen <= {seen[1:0], sig};

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 50 == 0);
            sig = $urandom;
            #2 if (cycle >= 2 && fell !== (seen[1:0] == 2'b10))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
