module traffic_timer (
    input  logic clk,
    input  logic rst,
    output logic red,
    output logic yellow,
    output logic green
);
    typedef enum logic [1:0] {RED, GREEN, YELLOW} phase_t;

    phase_t     phase;
    logic [2:0] left;  // cycles of this phase that are still to come

    always_ff @(posedge clk) begin
        if (rst) begin
            phase <= RED;
            left  <= 3'd5;
        end else if (left != 3'd0) begin
            left <= left - 3'd1;
        end else begin
            case (phase)
                RED: begin
                    phase <= GREEN;
                    left  <= 3'd7;
                end
                GREEN: begin
                    phase <= YELLOW;
                    left  <= 3'd2;
                end
                default: begin
                    phase <= RED;
                    left  <= 3'd5;
                end
            endcase
        end
    end

    assign red    = phase == RED;
    assign yellow = phase == YELLOW;
    assign green  = phase == GREEN;
endmodule
