module fuse_box (
    input  logic       clk,
    input  logic       rst,
    input  logic       burn,
    input  logic       lock,
    input  logic [2:0] addr,
    input  logic [3:0] d,
    output logic [3:0] q,
    output logic       locked
);
    logic [3:0] words [0:7];
    logic [7:0] locks;

    assign q      = words[addr];
    assign locked = locks[addr];

    always_ff @(posedge clk) begin
        if (rst) begin
            locks <= 8'd0;
            for (int k = 0; k < 8; k++)
                words[k] <= 4'd0;
        end else begin
            if (burn && !locked)
                words[addr] <= q | d;
            if (lock)
                locks[addr] <= 1'b1;
        end
    end
endmodule
