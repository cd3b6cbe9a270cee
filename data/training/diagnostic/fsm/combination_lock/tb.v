`timescale 1ns/1ns
module tb_code_lock;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg key_valid;
    reg [3:0] key;
    wire open;
    wire alarm;
    integer taken, failed;
    reg [11:0] keys;
    reg is_open;
    code_lock dut (.clk(clk), .rst_n(rst_n), .key_valid(key_valid), .key(key), .open(open), .alarm(alarm));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk)
        if (!rst_n) begin
            taken = 0; failed = 0; is_open = 0; keys = 0;
        end else if (key_valid && failed < 3) begin
            if (is_open) is_open = 0;
            else begin
                keys = {keys[7:0], key};
                taken = taken + 1;
                if (taken == 3) begin
                    taken = 0;
                    is_open = keys == 12'h314;
                    failed = is_open ? 0 : failed + 1;
                end
            end
        end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 60 == 0);
            key_valid = $urandom % 3 != 0;
            key = $urandom % 8 == 0 ? $urandom : taken == 0 ? 3 : taken == 1 ? 1 : 4;
            #2 if (cycle >= 2 && {open, alarm} !== {is_open, failed >= 3})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
