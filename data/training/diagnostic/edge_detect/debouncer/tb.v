`timescale 1ns/1ns
module tb_debounce6;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg button;
    wire state;
    wire pressed;
    wire released;
    reg [5:0] seen;
    reg now, was;
    integer hold;
    debounce6 dut (.clk(clk), .rst_n(rst_n), .button(button), .state(state), .pressed(pressed), .released(released));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) begin
            seen = 0; now = 0; was = 0;
        end else begin
            was = now;
            seen = {seen[4:0], button};
            if (&seen) now = 1;
            if (~|seen) now = 0;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 150 == 0);
            if (cycle < 2) hold = 0;
            hold = hold > 0 ? hold - 1 : $urandom % 10;
            if (hold == 0 || cycle < 2) button = $urandom;
            #2 if (cycle >= 2 && {state, pressed, released} !== {now, now & ~was, was & ~now})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
