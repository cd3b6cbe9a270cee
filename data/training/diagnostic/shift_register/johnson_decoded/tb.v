`timescale 1ns/1ns
module tb_johnson_six;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg en;
    wire [5:0] phase;
    integer at;
    johnson_six dut (.clk(clk), .rst_n(rst_n), .en(en), .phase(phase));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) at <= 0;
        else if (en) at <= (at + 1) % 6;

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 40 == 0);
            en = $urandom % 3 != 0;
            #2 if (cycle >= 2 && phase !== (6'b000001 << at))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
