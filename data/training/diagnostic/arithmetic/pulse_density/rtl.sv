module sigma_delta (
    input  logic       clk,
    input  logic       rst,
    input  logic [4:0] level,
    output logic       pulse
);
    logic [4:0] remainder;

    always_ff @(posedge clk or posedge rst) begin
        if (rst) begin
            remainder <= 5'd0;
            pulse     <= 1'b0;
        end else
            {pulse, remainder} <= {1'b0, remainder} + {1'b0, level};
    end
endmodule
