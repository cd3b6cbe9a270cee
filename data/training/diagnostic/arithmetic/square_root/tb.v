`timescale 1ns/1ns
module tb_isqrt16;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg start;
    reg [15:0] x;
    wire busy;
    wire done;
    wire [7:0] root;
    integer left, taken, r;
    reg is_done;
    isqrt16 dut (.clk(clk), .rst(rst), .start(start), .x(x), .busy(busy), .done(done), .root(root));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk) begin
        is_done = 0;
        if (rst) begin left = 0; r = 0; end
        else if (left == 0) begin
            if (start) begin left = 8; taken = x; end
        end else begin
            left = left - 1;
            if (left == 0) begin
                is_done = 1;
                r = 0;
                while ((r + 1) * (r + 1) <= taken) r = r + 1;
            end
        end
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 200 == 0;
            start = $urandom % 2;
            x = $urandom >> ($urandom % 16);
            if ($urandom % 8 == 0) x = 16'hFFFF;
            #2 if (cycle >= 2 && {busy, done, root} !== {left > 0, is_done, r[7:0]})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
