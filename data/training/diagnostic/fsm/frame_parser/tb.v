`timescale 1ns/1ns
module tb_frame_rx;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg valid;
    reg [7:0] data;
    wire in_payload;
    wire good;
    wire bad;
    integer need;  // -2: hunting, -1: length next, else payload bytes to come
    reg [7:0] total;
    reg is_good, is_bad;
    frame_rx dut (.clk(clk), .rst(rst), .valid(valid), .data(data), .in_payload(in_payload), .good(good), .bad(bad));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk) begin
        is_good = 0; is_bad = 0;
        if (rst) need = -2;
        else if (valid) begin
            if (need == -2) need = data == 8'hA5 ? -1 : -2;
            else if (need == -1) begin
                total = 0;
                need = data;
                if (data == 0 || data > 16) begin need = -2; is_bad = 1; end
            end else if (need > 0) begin
                need = need - 1;
                total = total + data;
            end else begin
                is_good = data == total; is_bad = data != total;
                need = -2;
            end
        end
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 200 == 0;
            valid = $urandom % 5 != 0;
            data = $urandom;
            if (need == -2 && $urandom % 2) data = 8'hA5;
            if (need == -1 && $urandom % 8) data = $urandom % 18;
            if (need == 0 && $urandom % 4) data = total;
            #2 if (cycle >= 2 && {in_payload, good, bad} !== {need > 0, is_good, is_bad})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
