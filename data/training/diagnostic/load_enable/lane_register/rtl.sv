module lane_reg (
    input  logic        clk,
    input  logic        rst,
    input  logic [1:0]  we,
    input  logic        swap,
    input  logic [15:0] d,
    output logic [15:0] q
);
    always_ff @(posedge clk) begin
        if (rst)
            q <= 16'd0;
        else begin
            if (we[0])
                q[7:0] <= d[7:0];
            else if (swap)
                q[7:0] <= q[15:8];
            if (we[1])
                q[15:8] <= d[15:8];
            else if (swap)
                q[15:8] <= q[7:0];
        end
    end
endmodule
