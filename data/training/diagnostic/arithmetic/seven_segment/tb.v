`timescale 1ns/1ns
module tb_seg7;
    integer errors = 0, cycle;
    reg [3:0] digit;
    reg blank;
    wire [6:0] segments;
    wire is_hex;
    reg [15:0] a, b, c, d, e, f, g;  // by segment: bit N for digit N
    seg7 dut (.digit(digit), .blank(blank), .segments(segments), .is_hex(is_hex));

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            #5;
            {digit, blank} = $urandom;
            a = 16'b1101_0111_1110_1101;
            b = 16'b0010_0111_1001_1111;
            c = 16'b0010_1111_1111_1011;
            d = 16'b0111_1011_0110_1101;
            e = 16'b1111_1101_0100_0101;
            f = 16'b1101_1111_0111_0001;
            g = 16'b1110_1111_0111_1100;
            #2 if ({segments, is_hex} !== {blank ? 7'd0 : {g[digit], f[digit], e[digit], d[digit], c[digit], b[digit], a[digit]}, digit >= 10})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
