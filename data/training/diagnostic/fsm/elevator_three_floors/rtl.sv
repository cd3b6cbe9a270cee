module lift3 (
    input  logic       clk,
    input  logic       rst,
    input  logic [2:0] call,
    output logic [1:0] floor,
    output logic       up,
    output logic       down,
    output logic       door
);
    typedef enum logic [1:0] {STAND, RISE, SINK, DOOR} state_t;

    state_t     state;
    logic [1:0] here;    // the floor after this edge
    logic       above;   // a higher floor is wanted
    logic       below;   // a lower floor is wanted
    logic       wanted;  // this floor is wanted

    always_comb begin
        case (state)
            RISE:    here = floor + 2'd1;
            SINK:    here = floor - 2'd1;
            default: here = floor;
        endcase
        case (here)
            2'd0: begin
                above  = |call[2:1];
                below  = 1'b0;
                wanted = call[0];
            end
            2'd1: begin
                above  = call[2];
                below  = call[0];
                wanted = call[1];
            end
            default: begin
                above  = 1'b0;
                below  = |call[1:0];
                wanted = call[2];
            end
        endcase
    end

    always_ff @(posedge clk or posedge rst) begin
        if (rst) begin
            state <= STAND;
            floor <= 2'd0;
        end else begin
            floor <= here;
            if (wanted)
                state <= DOOR;
            else if (above && state != SINK)
                state <= RISE;
            else if (below && state != RISE)
                state <= SINK;
            else
                state <= STAND;
        end
    end

    assign up   = state == RISE;
    assign down = state == SINK;
    assign door = state == DOOR;
endmodule
