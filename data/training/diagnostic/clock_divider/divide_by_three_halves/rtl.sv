module phase_ticks (
    input  logic clk,
    input  logic rst_n,
    output logic tick
);
    logic [2:0] phase;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            phase <= 3'd0;
            tick  <= 1'b0;
        end else if (phase >= 3'd4) begin
            phase <= phase - 3'd4;
            tick  <= 1'b1;
        end else begin
            phase <= phase + 3'd3;
            tick  <= 1'b0;
        end
    end
endmodule
