`timescale 1ns/1ns
module tb_lottery_arb;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg [3:0] req;
    wire [3:0] gnt;
    reg [4:0] lot;
    reg [3:0] g;
    integer k, line;
    lottery_arb dut (.clk(clk), .rst(rst), .req(req), .gnt(gnt));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) begin lot = 1; g = 0; end
        else begin
            g = 0;
            for (k = 3; k >= 0; k = k - 1) begin
                line = (lot[1:0] + k) % 4;
                if (req[line]) g = 1 << line;
            end
            lot = (lot << 1) | (lot[4] ^ lot[2]);
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 150 == 0;
            req = $urandom & ($urandom | {4{cycle[5]}});
            #2 if (cycle >= 2 && gnt !== g)
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
