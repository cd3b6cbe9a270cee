`timescale 1ns/1ns
module tb_stopwatch;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg start_stop;
    reg lap;
    wire [9:0] shown;
    wire running;
    wire frozen;
    integer t, c;
    reg r, f;
    stopwatch dut (.clk(clk), .rst(rst), .start_stop(start_stop), .lap(lap), .shown(shown), .running(running), .frozen(frozen));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) begin t = 0; c = 0; r = 0; f = 0; end
        else begin
            if (lap) begin
                if (!f) c = t;
                f = !f;
            end
            if (r) t = (t + 1) % 1024;
            if (start_stop) r = !r;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 400 == 0;
            start_stop = $urandom % 12 == 0;
            lap = $urandom % 9 == 0;
            #2 if (cycle >= 2 && {shown, running, frozen} !== {f ? c[9:0] : t[9:0], r, f})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
