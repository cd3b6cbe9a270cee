module code_lock (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       key_valid,
    input  logic [3:0] key,
    output logic       open,
    output logic       alarm
);
    typedef enum logic [2:0] {FIRST, SECOND, THIRD, OPENED, BLOCKED} state_t;

    state_t     state;
    logic       wrong;     // some key of this attempt was wrong
    logic [1:0] failures;  // in a row

    logic right_key;

    always_comb begin
        case (state)
            FIRST:   right_key = key == 4'd3;
            SECOND:  right_key = key == 4'd1;
            default: right_key = key == 4'd4;
        endcase
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            state    <= FIRST;
            wrong    <= 1'b0;
            failures <= 2'd0;
        end else if (key_valid) begin
            case (state)
                FIRST: begin
                    wrong <= !right_key;
                    state <= SECOND;
                end
                SECOND: begin
                    wrong <= wrong || !right_key;
                    state <= THIRD;
                end
                THIRD: begin
                    if (right_key && !wrong) begin
                        state    <= OPENED;
                        failures <= 2'd0;
                    end else begin
                        state    <= failures == 2'd2 ? BLOCKED : FIRST;
                        failures <= failures + 2'd1;
                    end
                end
                OPENED:  state <= FIRST;
                default: state <= BLOCKED;
            endcase
        end
    end

    assign open  = state == OPENED;
    assign alarm = state == BLOCKED;
endmodule
