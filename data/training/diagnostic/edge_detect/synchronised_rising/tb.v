`timescale 1ns/1ns
module tb_sync_rise;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg async_in;
    wire level;
    wire rise;
    reg [2:0] seen;
    sync_rise dut (.clk(clk), .rst_n(rst_n), .async_in(async_in), .level(level), .rise(rise));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) seen <= 0;
        else seen <= {seen[1:0], async_in};

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 50 == 0);
            async_in = $urandom % 3 == 0;
            #2 if (cycle >= 2 && {level, rise} !== {seen[1], seen[2:1] == 2'b01})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
