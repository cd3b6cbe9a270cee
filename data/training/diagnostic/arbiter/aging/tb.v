`timescale 1ns/1ns
module tb_aging_arb;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg [2:0] req;
    wire [2:0] gnt;
    integer age [0:2];
    integer k, best;
    aging_arb dut (.clk(clk), .rst_n(rst_n), .req(req), .gnt(gnt));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) begin
            best = -1;
            for (k = 0; k < 3; k = k + 1) age[k] = 0;
        end else begin
            best = -1;
            for (k = 2; k >= 0; k = k - 1)
                if (req[k] && (best < 0 || age[k] >= age[best])) best = k;
            for (k = 0; k < 3; k = k + 1)
                if (!req[k] || k == best) age[k] = 0;
                else if (age[k] < 7) age[k] = age[k] + 1;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 150 == 0);
            req = $urandom | {3{cycle[4]}};
            #2 if (cycle >= 2 && gnt !== (best < 0 ? 3'd0 : 3'd1 << best))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
