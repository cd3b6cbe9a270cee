module frame_rx (
    input  logic       clk,
    input  logic       rst,
    input  logic       valid,
    input  logic [7:0] data,
    output logic       in_payload,
    output logic       good,
    output logic       bad
);
    typedef enum logic [1:0] {HUNT, LENGTH, PAYLOAD, CHECK} state_t;

    state_t     state;
    logic [4:0] left;
    logic [7:0] sum;

    always_ff @(posedge clk) begin
        good <= 1'b0;
        bad  <= 1'b0;
        if (rst) begin
            state <= HUNT;
            left  <= 5'd0;
            sum   <= 8'd0;
        end else if (valid) begin
            case (state)
                HUNT: begin
                    if (data == 8'hA5)
                        state <= LENGTH;
                end
                LENGTH: begin
                    left <= data[4:0];
                    sum  <= 8'd0;
                    if (data == 8'd0 || data > 8'd16) begin
                        state <= HUNT;
                        bad   <= 1'b1;
                    end else
                        state <= PAYLOAD;
                end
                PAYLOAD: begin
                    sum  <= sum + data;
                    left <= left - 5'd1;
                    if (left == 5'd1)
                        state <= CHECK;
                end
                default: begin
                    state <= HUNT;
                    good  <= data == sum;
                    bad   <= data != sum;
                end
            endcase
        end
    end

    assign in_payload = state == PAYLOAD;
endmodule
