`timescale 1ns/1ns
module tb_half_bridge;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg want_high;
    wire high_on;
    wire low_on;
    integer same;  // edges since the last change or the first edge, -1 before
    reg now;
    half_bridge dut (.clk(clk), .rst_n(rst_n), .want_high(want_high), .high_on(high_on), .low_on(low_on));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) begin same = -1; now = 0; end
        else begin
            same = want_high != now || same < 0 ? 0 : same + 1;
            now = want_high;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 100 == 0);
            want_high = cycle == 0 ? 0 : $urandom % 5 == 0 ? !want_high : want_high;
            #2 if (cycle >= 2 && {high_on, low_on} !== {same >= 3 && now, same >= 3 && !now})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
