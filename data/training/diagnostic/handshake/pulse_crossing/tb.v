`timescale 1ns/1ns
module tb_toggle_receiver;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg toggle;
    wire event_pulse;
    wire [5:0] event_count;
    reg a, b, c;
    integer n;
    toggle_receiver dut (.clk(clk), .rst_n(rst_n), .toggle(toggle), .event_pulse(event_pulse), .event_count(event_count));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) begin a = 0; b = 0; c = 0; n = 0; end
        else begin
            if (b != c) n = n + 1;
            c = b; b = a; a = toggle;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 300 == 0);
            toggle = cycle == 0 ? 0 : $urandom % 3 ? toggle : !toggle;
            #2 if (cycle >= 2 && {event_pulse, event_count} !== {b != c, n[5:0]})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
