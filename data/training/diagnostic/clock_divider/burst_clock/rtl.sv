module burst_gate (
    input  logic       clk,
    input  logic       rst,
    input  logic [2:0] length,
    input  logic       go,
    output logic       ce,
    output logic       idle
);
    logic [3:0] left;  // cycles of the burst that are still to come, this one included

    assign idle = left == 4'd0;
    assign ce   = left[0];

    always_ff @(posedge clk) begin
        if (rst)
            left <= 4'd0;
        else if (!idle)
            left <= left - 4'd1;
        else if (go && length != 3'd0)
            left <= {length, 1'b0} - 4'd1;
    end
endmodule
