`timescale 1ns/1ns
module tb_johnson_six;
    integer errors = 0, cycle;
    reg clk = 0;
    reg rst_n;
    reg en;
    reg load;
    reg [2:0] value;
    wire [5:0] phase;
    integer at;
    johnson_six dut (
        .clk(clk), .rst_n(rst_n), .en(en), .load(load), .value(value), .phase(phase)
    );
    always #5 clk = ~clk;

    // The place of a combination in the ring; 6 stands for the two that have none.
    function integer place(input [2:0] bits);
        case (bits)
            3'b000: place = 0;
            3'b001: place = 1;
            3'b011: place = 2;
            3'b111: place = 3;
            3'b110: place = 4;
            3'b100: place = 5;
            default: place = 6;
        endcase
    endfunction

    // What is expected.
    always @(posedge clk or negedge rst_n)
        if (!rst_n) at <= 0;
        else if (load) at <= place(value);
        else if (en) at <= at >= 5 ? 0 : at + 1;

    initial begin
        for (cycle = 0; cycle < 3000; cycle = cycle + 1) begin
            @(negedge clk);
            rst_n = !(cycle < 2 || $urandom % 40 == 0);
            en = $urandom % 3 != 0;
            load = $urandom % 8 == 0;
            value = $urandom;
            #2 if (cycle >= 2 && phase !== (at == 6 ? 6'b000000 : 6'b000001 << at))
                errors = errors + 1;
        end
        if (errors == 0) $display("PASSED");
        else $display("FAILED: %0d errors", errors);
        $finish;
    end
endmodule
