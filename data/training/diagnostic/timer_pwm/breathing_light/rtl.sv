module breathe (
    input  logic clk,
    input  logic rst_n,
    output logic led
);
    logic [2:0] place;
    logic [3:0] brightness;
    logic       falling;

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            place      <= 3'd0;
            brightness <= 4'd0;
            falling    <= 1'b0;
        end else begin
            place <= place + 3'd1;
            if (place == 3'd7) begin
                if (falling) begin
                    brightness <= brightness - 4'd1;
                    falling    <= brightness != 4'd1;
                end else begin
                    brightness <= brightness + 4'd1;
                    falling    <= brightness == 4'd7;
                end
            end
        end
    end

    assign led = {1'b0, place} < brightness;
endmodule
