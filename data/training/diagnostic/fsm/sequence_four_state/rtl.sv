module seq_100 (
    input  logic clk,
    input  logic rst_n,
    input  logic valid,
    input  logic bit_in,
    output logic found
);
    typedef enum logic [1:0] {NONE, SEEN_1, SEEN_10, SEEN_100} state_t;

    state_t state, next;

    always_comb begin
        next = NONE;
        if (bit_in)
            next = SEEN_1;
        else if (state == SEEN_1)
            next = SEEN_10;
        else if (state == SEEN_10)
            next = SEEN_100;
    end

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n)
            state <= NONE;
        else if (valid)
            state <= next;
    end

    assign found = state == SEEN_100;
endmodule
