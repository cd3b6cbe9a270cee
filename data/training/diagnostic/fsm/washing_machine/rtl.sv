module washer (
    input  logic clk,
    input  logic rst,
    input  logic start,
    input  logic lid,
    output logic fill,
    output logic motor,
    output logic drain,
    output logic done
);
    typedef enum logic [2:0] {IDLE, FILL, WASH, RINSE, SPIN, LAST} state_t;

    state_t     state;
    logic [3:0] left;

    always_ff @(posedge clk) begin
        if (rst) begin
            state <= IDLE;
            left  <= 4'd0;
        end else if (!lid) begin
            if (left != 4'd0)
                left <= left - 4'd1;
            else begin
                case (state)
                    IDLE: begin
                        if (start) begin
                            state <= FILL;
                            left  <= 4'd3;
                        end
                    end
                    FILL: begin
                        state <= WASH;
                        left  <= 4'd9;
                    end
                    WASH: begin
                        state <= RINSE;
                        left  <= 4'd4;
                    end
                    RINSE: begin
                        state <= SPIN;
                        left  <= 4'd6;
                    end
                    SPIN:    state <= LAST;
                    default: state <= IDLE;
                endcase
            end
        end
    end

    assign fill  = state == FILL || state == RINSE;
    assign drain = state == RINSE || state == SPIN;
    assign motor = (state == WASH || state == SPIN) && !lid;
    assign done  = state == LAST;
endmodule
