`timescale 1ns/1ns
module tb_kitchen_timer;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg add_minute;
    reg run;
    wire [3:0] minutes;
    wire [2:0] tens;
    wire [3:0] ones;
    wire ringing;
    integer seconds, m, t, o;
    kitchen_timer dut (.clk(clk), .rst(rst), .add_minute(add_minute), .run(run), .minutes(minutes), .tens(tens), .ones(ones), .ringing(ringing));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) seconds = 0;
        else if (add_minute) seconds = seconds < 540 ? seconds + 60 : seconds;
        else if (run && seconds > 0) seconds = seconds - 1;
    always @(*) begin
        m = seconds / 60;
        t = (seconds % 60) / 10;
        o = seconds % 10;
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 700 == 0;
            add_minute = $urandom % (cycle[9] ? 6 : 70) == 0;
            run = $urandom % 8 != 0;
            #2 if (cycle >= 2 && {minutes, tens, ones, ringing} !== {m[3:0], t[2:0], o[3:0], run && seconds == 0})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
