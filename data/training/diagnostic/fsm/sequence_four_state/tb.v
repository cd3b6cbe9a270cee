`timescale 1ns/1ns
module tb_seq_100;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg valid;
    reg bit_in;
    wire found;
    reg [2:0] last;  // the bits taken since reset, zeros before them
    seq_100 dut (.clk(clk), .rst_n(rst_n), .valid(valid), .bit_in(bit_in), .found(found));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) last <= 3'b000;
        else if (valid) last <= {last[1:0], bit_in};

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 100 == 0);
            valid = $urandom % 4 != 0;
            bit_in = $urandom % 3 == 0;
            #2 if (cycle >= 2 && found !== (last == 3'b100))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
