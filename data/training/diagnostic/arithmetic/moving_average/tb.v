`timescale 1ns/1ns
module tb_average4;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg valid;
    reg [7:0] x;
    wire [7:0] y;
    wire y_valid;
    integer s [0:3];
    integer n, avg;
    reg v;
    average4 dut (.clk(clk), .rst_n(rst_n), .valid(valid), .x(x), .y(y), .y_valid(y_valid));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) begin
            n = 0; avg = 0; v = 0;
            s[0] = 0; s[1] = 0; s[2] = 0; s[3] = 0;
        end else begin
            v = 0;
            if (valid) begin
                s[n % 4] = x;
                n = n + 1;
                avg = (s[0] + s[1] + s[2] + s[3]) / 4;
                v = n >= 4;
            end
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 90 == 0);
            valid = $urandom % 3 != 0;
            x = $urandom;
            #2 if (cycle >= 2 && {y, y_valid} !== {avg[7:0], v})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
