module stretch5 (
    input  logic clk,
    input  logic rst,
    input  logic pulse,
    output logic long_pulse
);
    logic       last;
    logic [2:0] left;

    always_ff @(posedge clk) begin
        if (rst) begin
            last <= 1'b0;
            left <= 3'd0;
        end else begin
            last <= pulse;
            if (pulse && !last)
                left <= 3'd5;
            else if (left != 3'd0)
                left <= left - 3'd1;
        end
    end

    assign long_pulse = left != 3'd0;
endmodule
