`timescale 1ns/1ns
module tb_both_edges;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg [3:0] lines;
    wire [3:0] rose;
    wire [3:0] fell;
    wire any_edge;
    reg [3:0] old, up, dn;
    integer k;
    both_edges dut (.clk(clk), .rst(rst), .lines(lines), .rose(rose), .fell(fell), .any_edge(any_edge));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk) old <= rst ? 4'd0 : lines;
    always @(*)
        for (k = 0; k < 4; k = k + 1) begin
            up[k] = {old[k], lines[k]} == 2'b01;
            dn[k] = {old[k], lines[k]} == 2'b10;
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 50 == 0;
            lines = $urandom & ($urandom | {4{cycle[3]}});
            #2 if (cycle >= 2 && {rose, fell, any_edge} !== {up, dn, |{up, dn}})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
