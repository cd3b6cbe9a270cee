module negate_moore (
    input  logic clk,
    input  logic rst,
    input  logic start,
    input  logic bit_in,
    output logic bit_out
);
    typedef enum logic [1:0] {COPIED_0, OUT_1, OUT_0} state_t;

    state_t state;

    always_ff @(posedge clk) begin
        if (rst)
            state <= COPIED_0;
        else if (start || state == COPIED_0)
            state <= bit_in ? OUT_1 : COPIED_0;
        else
            state <= bit_in ? OUT_0 : OUT_1;
    end

    assign bit_out = state == OUT_1;
endmodule
