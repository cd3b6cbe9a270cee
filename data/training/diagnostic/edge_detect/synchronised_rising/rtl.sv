module sync_rise (
    input  logic clk,
    input  logic rst_n,
    input  logic async_in,
    output logic level,
    output logic rise
);
    logic meta;
    logic level_before;

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            meta         <= 1'b0;
            level        <= 1'b0;
            level_before <= 1'b0;
        end else begin
            meta         <= async_in;
            level        <= meta;
            level_before <= level;
        end
    end

    assign rise = level && !level_before;
endmodule
