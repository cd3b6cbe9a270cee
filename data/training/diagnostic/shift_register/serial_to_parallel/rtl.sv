module sipo_word (
    input  logic       clk,
    input  logic       rst,
    input  logic       bit_valid,
    input  logic       bit_in,
    output logic [4:0] word,
    output logic       word_valid
);
    logic [3:0] collected;
    logic [2:0] count;

    always_ff @(posedge clk or posedge rst) begin
        if (rst) begin
            collected  <= 4'd0;
            count      <= 3'd0;
            word       <= 5'd0;
            word_valid <= 1'b0;
        end else begin
            word_valid <= 1'b0;
            if (bit_valid) begin
                collected <= {collected[2:0], bit_in};
                if (count == 3'd4) begin
                    count      <= 3'd0;
                    word       <= {collected, bit_in};
                    word_valid <= 1'b1;
                end else
                    count <= count + 3'd1;
            end
        end
    end
endmodule
