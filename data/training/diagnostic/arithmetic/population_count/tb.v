`timescale 1ns/1ns
module tb_ones_in_12;
    integer errors = 0, cycle;
    reg [11:0] bits;
    wire [3:0] count;
    wire odd;
    wire most;
    integer n;
    reg [11:0] rest;
    ones_in_12 dut (.bits(bits), .count(count), .odd(odd), .most(most));

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            #5;
            bits = $urandom & ($urandom | {12{cycle[0]}});
            n = 0;
            for (rest = bits; rest != 0; rest = rest & (rest - 1)) n = n + 1;
            #2 if ({count, odd, most} !== {n[3:0], ^bits, n > 6})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
