module negate_mealy (
    input  logic clk,
    input  logic rst,
    input  logic start,
    input  logic bit_in,
    output logic bit_out
);
    logic inverting;
    logic seen_one;

    // A new number begins with nothing seen.
    assign seen_one = inverting && !start;
    assign bit_out  = bit_in ^ seen_one;

    always_ff @(posedge clk) begin
        if (rst)
            inverting <= 1'b0;
        else
            inverting <= seen_one || bit_in;
    end
endmodule
