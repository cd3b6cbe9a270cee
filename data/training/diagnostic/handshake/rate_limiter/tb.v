`timescale 1ns/1ns
module tb_token_gate;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg ask;
    wire grant;
    wire [2:0] tokens;
    integer n, t;
    token_gate dut (.clk(clk), .rst_n(rst_n), .ask(ask), .grant(grant), .tokens(tokens));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) begin n = 0; t = 5; end
        else begin
            n = n + 1;
            if (ask && t > 0) t = t - 1;
            if (n % 8 == 0 && t < 5) t = t + 1;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 250 == 0);
            ask = $urandom % (cycle[7] ? 2 : 14) == 0;
            #2 if (cycle >= 2 && {grant, tokens} !== {ask && t > 0, t[2:0]})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
