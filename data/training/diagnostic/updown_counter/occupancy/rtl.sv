module room_counter (
    input  logic       clk,
    input  logic       rst_n,
    input  logic [1:0] enter,
    input  logic [1:0] leave,
    output logic [6:0] people,
    output logic       crowded
);
    logic [7:0] in_and_here;
    logic [7:0] out;
    logic [7:0] next;

    always_comb begin
        in_and_here = {1'b0, people} + {7'd0, enter[0]} + {7'd0, enter[1]};
        out         = {7'd0, leave[0]} + {7'd0, leave[1]};
        if (in_and_here <= out)
            next = 8'd0;
        else
            next = in_and_here - out;
        if (next > 8'd100)
            next = 8'd100;
    end

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            people  <= 7'd0;
            crowded <= 1'b0;
        end else begin
            people <= 7'(next);
            if (next >= 8'd80)
                crowded <= 1'b1;
            else if (next <= 8'd60)
                crowded <= 1'b0;
        end
    end
endmodule
