`timescale 1ns/1ns
module tb_queue2;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg put;
    reg [7:0] in;
    reg take;
    wire [7:0] out;
    wire has_word;
    wire has_room;
    reg [15:0] words;
    integer n, was;
    queue2 dut (.clk(clk), .rst_n(rst_n), .put(put), .in(in), .take(take), .out(out), .has_word(has_word), .has_room(has_room));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) begin n = 0; words = 0; end
        else begin
            was = n;
            if (take && was > 0) begin words = words >> 8; n = n - 1; end
            if (put && was < 2) begin words = words | (in << (8 * n)); n = n + 1; end
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 150 == 0);
            put = $urandom;
            take = $urandom;
            in = $urandom;
            #2 if (cycle >= 2 && {out, has_word, has_room} !== {words[7:0], n > 0, n < 2})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
