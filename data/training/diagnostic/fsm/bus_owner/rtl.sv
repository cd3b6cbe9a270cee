module bus_owner (
    input  logic       clk,
    input  logic       rst_n,
    input  logic [1:0] req,
    input  logic       done,
    output logic [1:0] gnt
);
    typedef enum logic [1:0] {IDLE = 2'b00, OWNER_0 = 2'b01, OWNER_1 = 2'b10} state_t;

    state_t state;
    logic   last_was_0;

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            state      <= IDLE;
            last_was_0 <= 1'b0;
        end else begin
            case (state)
                OWNER_0: begin
                    last_was_0 <= 1'b1;
                    if (done)
                        state <= req[1] ? OWNER_1 : IDLE;
                end
                OWNER_1: begin
                    last_was_0 <= 1'b0;
                    if (done)
                        state <= req[0] ? OWNER_0 : IDLE;
                end
                default: begin
                    if (req[0] && !(req[1] && last_was_0))
                        state <= OWNER_0;
                    else if (req[1])
                        state <= OWNER_1;
                end
            endcase
        end
    end

    assign gnt = state;
endmodule
