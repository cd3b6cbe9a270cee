module ring_load (
    input  logic       clk,
    input  logic       rst,
    input  logic       load,
    input  logic [1:0] step,
    input  logic [6:0] d,
    output logic [6:0] q
);
    logic [6:0] turned;

    always_comb begin
        case (step)
            2'd1:    turned = {q[5:0], q[6]};
            2'd2:    turned = {q[4:0], q[6:5]};
            2'd3:    turned = {q[3:0], q[6:4]};
            default: turned = q;
        endcase
    end

    always_ff @(posedge clk) begin
        if (rst)
            q <= 7'b0000001;
        else if (load)
            q <= d;
        else
            q <= turned;
    end
endmodule
