`timescale 1ns/1ns
module tb_manchester_tx;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg send;
    reg bit_in;
    wire ready;
    wire line;
    integer half;  // 0: nothing sent, 1: first half, 2: second half
    reg value;
    manchester_tx dut (.clk(clk), .rst_n(rst_n), .send(send), .bit_in(bit_in), .ready(ready), .line(line));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) half = 0;
        else if (half == 1) half = 2;
        else if (send) begin half = 1; value = bit_in; end
        else half = 0;

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 100 == 0);
            send = $urandom % 3 != 0;
            bit_in = $urandom;
            #2 if (cycle >= 2 && {ready, line} !== {half != 1, half == 0 ? 1'b0 : half == 1 ? !value : value})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
