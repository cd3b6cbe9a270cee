module queue2 (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       put,
    input  logic [7:0] in,
    input  logic       take,
    output logic [7:0] out,
    output logic       has_word,
    output logic       has_room
);
    logic [7:0] oldest, second;
    logic       has_second;
    logic       enters, leaves;

    assign has_room = !has_second;
    assign out      = oldest;
    assign enters   = put && has_room;
    assign leaves   = take && has_word;

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            oldest     <= 8'd0;
            second     <= 8'd0;
            has_word   <= 1'b0;
            has_second <= 1'b0;
        end else if (leaves) begin
            if (has_second)
                oldest <= second;
            else
                oldest <= enters ? in : 8'd0;
            has_word   <= has_second || enters;
            has_second <= 1'b0;
        end else if (enters) begin
            if (has_word)
                second <= in;
            else
                oldest <= in;
            has_second <= has_word;
            has_word   <= 1'b1;
        end
    end
endmodule
