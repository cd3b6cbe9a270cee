module lottery_arb (
    input  logic       clk,
    input  logic       rst,
    input  logic [3:0] req,
    output logic [3:0] gnt
);
    logic [4:0] lot;
    logic [3:0] turned;  // requests, the candidate's in bit 0
    logic [3:0] winner;  // the lowest of them alone
    logic [7:0] placed;

    assign turned = (req >> lot[1:0]) | (req << (3'd4 - {1'b0, lot[1:0]}));
    assign winner = turned & (~turned + 4'd1);
    assign placed = {4'd0, winner} << lot[1:0];

    always_ff @(posedge clk) begin
        if (rst) begin
            lot <= 5'd1;
            gnt <= 4'd0;
        end else begin
            lot <= {lot[3:0], lot[4] ^ lot[2]};
            gnt <= placed[7:4] | placed[3:0];
        end
    end
endmodule
