module ticket_box (
    input  logic       clk,
    input  logic       rst,
    input  logic [1:0] coin,
    input  logic       cancel,
    output logic       ticket,
    output logic [3:0] back
);
    logic [3:0] paid;
    logic [3:0] worth;
    logic [3:0] sum;

    always_comb begin
        case (coin)
            2'd1:    worth = 4'd1;
            2'd2:    worth = 4'd2;
            2'd3:    worth = 4'd5;
            default: worth = 4'd0;
        endcase
        sum = paid + worth;
    end

    always_ff @(posedge clk or posedge rst) begin
        if (rst) begin
            paid   <= 4'd0;
            ticket <= 1'b0;
            back   <= 4'd0;
        end else if (cancel) begin
            paid   <= 4'd0;
            ticket <= 1'b0;
            back   <= paid;
        end else if (sum >= 4'd6) begin
            paid   <= 4'd0;
            ticket <= 1'b1;
            back   <= sum - 4'd6;
        end else begin
            paid   <= sum;
            ticket <= 1'b0;
            back   <= 4'd0;
        end
    end
endmodule
