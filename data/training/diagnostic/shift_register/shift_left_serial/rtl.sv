module shl_stream (
    input  logic clk,
    input  logic clear,
    input  logic din,
    output logic dout
);
    logic [11:0] stages;

    always_ff @(posedge clk) begin
        if (clear)
            stages <= 12'd0;
        else
            stages <= {stages[10:0], din};
    end

    assign dout = stages[11];
endmodule
