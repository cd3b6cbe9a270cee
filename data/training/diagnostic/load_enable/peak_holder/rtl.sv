module peak_hold (
    input  logic              clk,
    input  logic              rst_n,
    input  logic              clear,
    input  logic              valid,
    input  logic signed [7:0] x,
    output logic signed [7:0] largest,
    output logic signed [7:0] smallest,
    output logic              any
);
    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            largest  <= 8'sd0;
            smallest <= 8'sd0;
            any      <= 1'b0;
        end else if (valid) begin
            any <= 1'b1;
            if (clear || !any || x > largest)
                largest <= x;
            if (clear || !any || x < smallest)
                smallest <= x;
        end else if (clear) begin
            largest  <= 8'sd0;
            smallest <= 8'sd0;
            any      <= 1'b0;
        end
    end
endmodule
