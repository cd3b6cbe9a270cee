`timescale 1ns/1ns
module tb_prbs_galois;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg en;
    reg [7:0] seed;
    reg load;
    wire [7:0] state;
    wire bit_out;
    reg [7:0] s;
    prbs_galois dut (.clk(clk), .rst(rst), .en(en), .seed(seed), .load(load), .state(state), .bit_out(bit_out));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (rst) s <= 1;
        else if (load) s <= seed ? seed : 1;
        else if (en) s <= {s[0], s[7], s[6] ^ s[0], s[5] ^ s[0], s[4] ^ s[0], s[3], s[2], s[1]};

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 400 == 0;
            en = $urandom % 8 != 0;
            load = $urandom % 50 == 0;
            seed = $urandom % 3 == 0 ? 0 : $urandom;
            #2 if (cycle >= 2 && {state, bit_out} !== {s, s[0]})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
