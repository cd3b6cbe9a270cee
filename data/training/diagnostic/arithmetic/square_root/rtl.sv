module isqrt16 (
    input  logic        clk,
    input  logic        rst,
    input  logic        start,
    input  logic [15:0] x,
    output logic        busy,
    output logic        done,
    output logic [7:0]  root
);
    logic [15:0] rest;     // bits of x that are still to come, the next two on top
    logic [7:0]  remains;  // what is left of the bits that came
    logic [7:0]  partial;
    logic [2:0]  step;

    logic [9:0] brought;
    logic [9:0] trial;
    logic       fits;

    assign brought = {remains, rest[15:14]};
    assign trial   = {partial, 2'b01};
    assign fits    = brought >= trial;

    always_ff @(posedge clk) begin
        done <= 1'b0;
        if (rst) begin
            busy    <= 1'b0;
            root    <= 8'd0;
            rest    <= 16'd0;
            remains <= 8'd0;
            partial <= 8'd0;
            step    <= 3'd0;
        end else if (!busy) begin
            if (start) begin
                busy    <= 1'b1;
                rest    <= x;
                remains <= 8'd0;
                partial <= 8'd0;
                step    <= 3'd0;
            end
        end else begin
            rest    <= {rest[13:0], 2'b00};
            remains <= 8'(fits ? brought - trial : brought);
            partial <= {partial[6:0], fits};
            step    <= step + 3'd1;
            if (step == 3'd7) begin
                busy <= 1'b0;
                done <= 1'b1;
                root <= {partial[6:0], fits};
            end
        end
    end
endmodule
