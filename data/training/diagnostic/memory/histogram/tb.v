`timescale 1ns/1ns
module tb_histogram8;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg valid;
    reg [2:0] value;
    reg [2:0] addr;
    wire [4:0] count;
    integer n [0:7];
    integer k;
    histogram8 dut (.clk(clk), .rst(rst), .valid(valid), .value(value), .addr(addr), .count(count));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) for (k = 0; k < 8; k = k + 1) n[k] = 0;
        else if (valid) n[value] = n[value] + 1;

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 500 == 0;
            valid = $urandom % 5 != 0;
            value = $urandom & ($urandom | {3{cycle[4]}});
            addr = $urandom;
            #2 if (cycle >= 2 && count !== (n[addr] > 31 ? 5'd31 : n[addr]))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
