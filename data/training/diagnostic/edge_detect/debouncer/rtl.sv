module debounce6 (
    input  logic clk,
    input  logic rst_n,
    input  logic button,
    output logic state,
    output logic pressed,
    output logic released
);
    logic [2:0] differing;  // samples in a row that differ from `state`

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            differing <= 3'd0;
            state     <= 1'b0;
            pressed   <= 1'b0;
            released  <= 1'b0;
        end else begin
            pressed  <= 1'b0;
            released <= 1'b0;
            if (button == state)
                differing <= 3'd0;
            else if (differing == 3'd5) begin
                differing <= 3'd0;
                state     <= button;
                pressed   <= button;
                released  <= !button;
            end else
                differing <= differing + 3'd1;
        end
    end
endmodule
