`timescale 1ns/1ns
module tb_lift3;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg [2:0] call;
    wire [1:0] floor;
    wire up;
    wire down;
    wire door;
    integer at, way, k;  // way: 1 up, -1 down, 0 neither
    reg is_open, high, low;
    lift3 dut (.clk(clk), .rst(rst), .call(call), .floor(floor), .up(up), .down(down), .door(door));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or posedge rst)
        if (rst) begin
            at = 0; way = 0; is_open = 0;
        end else begin
            at = at + way;
            high = 0; low = 0;
            for (k = 0; k < 3; k = k + 1) begin
                if (call[k] && k > at) high = 1;
                if (call[k] && k < at) low = 1;
            end
            is_open = call[at];
            if (call[at]) way = 0;
            else if (high && way >= 0) way = 1;
            else if (low && way <= 0) way = -1;
            else way = 0;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 80 == 0;
            if ($urandom % 3 == 0) call = $urandom & $urandom;
            #2 if (cycle >= 2 && {floor, up, down, door} !== {at[1:0], way == 1, way == -1, is_open})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
