`timescale 1ns/1ns
module tb_lane_reg;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg [1:0] we;
    reg swap;
    reg [15:0] d;
    wire [15:0] q;
    reg [7:0] low, high, t;
    lane_reg dut (.clk(clk), .rst(rst), .we(we), .swap(swap), .d(d), .q(q));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) begin low = 0; high = 0; end
        else begin
            t = low;
            if (swap) begin low = high; high = t; end
            if (we[0]) low = d % 256;
            if (we[1]) high = d / 256;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 80 == 0;
            we = $urandom;
            swap = $urandom;
            d = $urandom;
            #2 if (cycle >= 2 && q !== {high, low})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
