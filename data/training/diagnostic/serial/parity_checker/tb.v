`timescale 1ns/1ns
module tb_parity_rx;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg valid;
    reg bit_in;
    reg odd;
    wire [7:0] word;
    wire good;
    wire bad;
    integer n, ones;
    reg [7:0] w, shown;
    reg ok, ko;
    parity_rx dut (.clk(clk), .rst(rst), .valid(valid), .bit_in(bit_in), .odd(odd), .word(word), .good(good), .bad(bad));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk) begin
        ok = 0; ko = 0;
        if (rst) begin n = 0; ones = 0; w = 0; shown = 0; end
        else if (valid) begin
            ones = ones + bit_in;
            if (n < 8) begin w[n] = bit_in; n = n + 1; end
            else begin
                ok = ones % 2 == odd; ko = !ok;
                shown = w; n = 0; ones = 0;
            end
        end
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 200 == 0;
            valid = $urandom % 5 != 0;
            bit_in = $urandom;
            odd = $urandom;
            #2 if (cycle >= 2 && {word, good, bad} !== {shown, ok, ko})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
