`timescale 1ns/1ns
module tb_ticket_box;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg [1:0] coin;
    reg cancel;
    wire ticket;
    wire [3:0] back;
    integer money, change, sold;
    ticket_box dut (.clk(clk), .rst(rst), .coin(coin), .cancel(cancel), .ticket(ticket), .back(back));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or posedge rst) begin
        change = 0; sold = 0;
        if (rst) money = 0;
        else if (cancel) begin
            change = money; money = 0;
        end else begin
            money = money + (coin == 3 ? 5 : coin);
            if (money >= 6) begin
                sold = 1; change = money - 6; money = 0;
            end
        end
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 100 == 0;
            coin = $urandom;
            cancel = $urandom % 8 == 0;
            #2 if (cycle >= 2 && {ticket, back} !== {sold[0], change[3:0]})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
