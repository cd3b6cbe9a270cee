`timescale 1ns/1ns
module tb_sipo_word;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg bit_valid;
    reg bit_in;
    wire [4:0] word;
    wire word_valid;
    integer value, n;
    reg [4:0] shown;
    reg strobe;
    sipo_word dut (.clk(clk), .rst(rst), .bit_valid(bit_valid), .bit_in(bit_in), .word(word), .word_valid(word_valid));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or posedge rst)
        if (rst) begin
            value = 0; n = 0; shown = 0; strobe = 0;
        end else begin
            strobe = 0;
            if (bit_valid) begin
                value = 2 * value + bit_in;
                n = n + 1;
                if (n == 5) begin
                    shown = value; strobe = 1; value = 0; n = 0;
                end
            end
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 80 == 0;
            bit_valid = $urandom % 4 != 0;
            bit_in = $urandom;
            #2 if (cycle >= 2 && {word, word_valid} !== {shown, strobe})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
