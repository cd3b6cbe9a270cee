`timescale 1ns/1ns
module tb_quad_count;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst;
    reg a;
    reg b;
    wire [7:0] position;
    wire error;
    integer at, turn, where, d;
    reg [7:0] p;
    reg broken;
    function integer place(input [1:0] pair);
        case (pair)
            2'b00: place = 0;
            2'b10: place = 1;
            2'b11: place = 2;
            default: place = 3;
        endcase
    endfunction
    quad_count dut (.clk(clk), .rst(rst), .a(a), .b(b), .position(position), .error(error));
    always #5 clk = ~clk;

    // What is expected.
    always @(posedge clk) begin
        d = (place({a, b}) - where + 4) % 4;
        where = place({a, b});
        if (rst) begin p = 0; broken = 0; end
        else if (d == 1) p = p + 1;
        else if (d == 3) p = p - 1;
        else if (d == 2) broken = 1;
    end

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst = cycle < 2 || $urandom % 300 == 0;
            if (cycle == 0) begin at = 0; where = 0; end
            turn = $urandom % 3 == 0 ? $urandom % 3 : cycle[6];
            if ($urandom % 90 == 0) turn = 2;
            at = (at + (turn == 0 ? 3 : turn)) % 4;
            {a, b} = at == 0 ? 2'b00 : at == 1 ? 2'b10 : at == 2 ? 2'b11 : 2'b01;
            #2 if (cycle >= 2 && {position, error} !== {p, broken})
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
