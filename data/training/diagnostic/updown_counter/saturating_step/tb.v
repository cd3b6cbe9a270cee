`timescale 1ns/1ns
module tb_sat_step;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg up;
    reg [1:0] step;
    wire [5:0] q;
    wire at_max;
    wire at_min;
    integer value;
    sat_step dut (.clk(clk), .rst_n(rst_n), .up(up), .step(step), .q(q), .at_max(at_max), .at_min(at_min));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) value = 25;
        else begin
            value = up ? value + step : value - step;
            if (value > 50) value = 50;
            if (value < 0) value = 0;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 200 == 0);
            up = $urandom % 8 == 0 ? $urandom : cycle[7];
            step = $urandom;
            #2 if (cycle >= 2 && {q, at_max, at_min} !== {value[5:0], value == 50, value == 0})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
