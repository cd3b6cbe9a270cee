`timescale 1ns/1ns
module tb_morse_sos;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg go;
    wire lamp;
    integer at, k;
    morse_sos dut (.clk(clk), .rst(rst), .go(go), .lamp(lamp));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) at = 33;
        else if (go) at = (at + 1) % 34;
    always @(*) begin
        k = at < 8 ? at : at < 22 ? at - 8 : at - 22;  // place in the letter
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 300 == 0;
            go = $urandom % 5 != 0;
            #2 if (cycle >= 2 && lamp !== (at >= 8 && at < 22 ? k < 11 && k % 4 != 3 : k < 5 && k % 2 == 0))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
