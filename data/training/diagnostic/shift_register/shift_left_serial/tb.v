`timescale 1ns/1ns
module tb_shl_stream;
    integer errors = 0, cycle;
    reg clk = 0;
    reg clear;
    reg din;
    wire dout;
    integer age;           // bits taken since the last clear
    reg kept [0:4095];     // those bits
    shl_stream dut (.clk(clk), .clear(clear), .din(din), .dout(dout));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (clear) age <= 0;
        else begin
            kept[age] <= din;
            age <= age + 1;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            clear = cycle < 2 || $urandom % 90 == 0;
            din = $urandom;
            #2 if (cycle >= 2 && dout !== (age >= 12 ? kept[age - 12] : 1'b0))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
