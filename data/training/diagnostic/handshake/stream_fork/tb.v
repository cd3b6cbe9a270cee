`timescale 1ns/1ns
module tb_fork2;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg in_valid;
    wire in_ready;
    wire a_valid;
    reg a_ready;
    wire b_valid;
    reg b_ready;
    reg [1:0] need;  // receivers that still want the present word, as seen at its offer
    fork2 dut (.clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(in_ready), .a_valid(a_valid), .a_ready(a_ready), .b_valid(b_valid), .b_ready(b_ready));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) need <= 2'b11;
        else if (in_valid) begin
            if ((need & ~{b_ready, a_ready}) == 0) need <= 2'b11;
            else need <= need & ~{b_ready, a_ready};
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 100 == 0;
            in_valid = $urandom % 4 != 0;
            a_ready = $urandom;
            b_ready = $urandom % 3 == 0;
            #2 if (cycle >= 2 && {in_ready, a_valid, b_valid} !== {(need & ~{b_ready, a_ready}) == 0, in_valid & need[0], in_valid & need[1]})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
