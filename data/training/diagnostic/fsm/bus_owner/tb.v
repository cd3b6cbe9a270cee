`timescale 1ns/1ns
module tb_bus_owner;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg [1:0] req;
    reg done;
    wire [1:0] gnt;
    integer owner, last;  // owner: -1 for nobody
    bus_owner dut (.clk(clk), .rst_n(rst_n), .req(req), .done(done), .gnt(gnt));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) begin
            owner = -1; last = 1;
        end else if (owner < 0) begin
            if (req == 2'b11) owner = 1 - last;
            else if (req != 0) owner = req[1];
            if (owner >= 0) last = owner;
        end else if (done) begin
            owner = req[1 - owner] ? 1 - owner : -1;
            if (owner >= 0) last = owner;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 100 == 0);
            req = $urandom;
            done = $urandom % 3 == 0;
            #2 if (cycle >= 2 && gnt !== (owner < 0 ? 2'b00 : owner == 0 ? 2'b01 : 2'b10))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
