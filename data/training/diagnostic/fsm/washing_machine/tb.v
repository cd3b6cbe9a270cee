`timescale 1ns/1ns
module tb_washer;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg start;
    reg lid;
    wire fill;
    wire motor;
    wire drain;
    wire done;
    integer at;  // cycles into the programme, 0 for idle
    washer dut (.clk(clk), .rst(rst), .start(start), .lid(lid), .fill(fill), .motor(motor), .drain(drain), .done(done));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) at <= 0;
        else if (!lid) begin
            if (at == 0) at <= start ? 1 : 0;
            else at <= at == 27 ? 0 : at + 1;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 120 == 0;
            start = $urandom % 3 == 0;
            lid = $urandom % 6 == 0;
            #2 if (cycle >= 2 && {fill, motor, drain, done} !== {(at >= 1 && at <= 4) || (at >= 15 && at <= 19), !lid && ((at >= 5 && at <= 14) || (at >= 20 && at <= 26)), at >= 15 && at <= 26, at == 27})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
