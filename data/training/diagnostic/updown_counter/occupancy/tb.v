`timescale 1ns/1ns
module tb_room_counter;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg [1:0] enter;
    reg [1:0] leave;
    wire [6:0] people;
    wire crowded;
    integer n;
    reg full;
    room_counter dut (.clk(clk), .rst_n(rst_n), .enter(enter), .leave(leave), .people(people), .crowded(crowded));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) begin n = 0; full = 0; end
        else begin
            n = n + enter[0] + enter[1] - leave[0] - leave[1];
            if (n < 0) n = 0;
            if (n > 100) n = 100;
            if (n >= 80) full = 1;
            if (n <= 60) full = 0;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 900 == 0);
            enter = $urandom | {2{cycle[7]}};
            leave = $urandom | {2{!cycle[7]}};
            #2 if (cycle >= 2 && {people, crowded} !== {n[6:0], full})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
