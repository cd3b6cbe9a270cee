`timescale 1ns/1ns
module tb_piso_tx;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg load;
    reg [7:0] data;
    wire ready;
    wire valid;
    wire bit_out;
    integer at;  // which bit is shown, 8 for none
    reg [7:0] taken;
    piso_tx dut (.clk(clk), .rst_n(rst_n), .load(load), .data(data), .ready(ready), .valid(valid), .bit_out(bit_out));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) at <= 8;
        else if (load && at >= 7) begin
            taken <= data;
            at <= 0;
        end else if (at < 8) at <= at + 1;

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 150 == 0);
            load = $urandom % 3 == 0;
            data = $urandom;
            #2 if (cycle >= 2 && {ready, valid, bit_out} !== {at >= 7, at < 8, at < 8 ? taken[at[2:0]] : 1'b0})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
