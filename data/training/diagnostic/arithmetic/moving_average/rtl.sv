module average4 (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       valid,
    input  logic [7:0] x,
    output logic [7:0] y,
    output logic       y_valid
);
    logic [7:0] last1, last2, last3;
    logic [1:0] taken;  // samples so far, 3 for three or more
    logic [7:0] average;

    logic [9:0] sum;

    assign sum     = {2'd0, x} + {2'd0, last1} + {2'd0, last2} + {2'd0, last3};
    assign average = 8'(sum >> 2);

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            last1   <= 8'd0;
            last2   <= 8'd0;
            last3   <= 8'd0;
            taken   <= 2'd0;
            y       <= 8'd0;
            y_valid <= 1'b0;
        end else begin
            y_valid <= valid && taken == 2'd3;
            if (valid) begin
                last1 <= x;
                last2 <= last1;
                last3 <= last2;
                y     <= average;
                if (taken != 2'd3)
                    taken <= taken + 2'd1;
            end
        end
    end
endmodule
