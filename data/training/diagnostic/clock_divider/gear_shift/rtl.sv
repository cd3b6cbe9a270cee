module gear_div (
    input  logic       clk,
    input  logic       rst,
    input  logic [1:0] gear,
    output logic       wave
);
    logic [2:0] left;

    always_ff @(posedge clk or posedge rst) begin
        if (rst) begin
            wave <= 1'b0;
            left <= 3'd0;
        end else if (left != 3'd0)
            left <= left - 3'd1;
        else begin
            wave <= !wave;
            case (gear)
                2'd0:    left <= 3'd0;
                2'd1:    left <= 3'd1;
                2'd2:    left <= 3'd3;
                default: left <= 3'd7;
            endcase
        end
    end
endmodule
