module aging_arb (
    input  logic       clk,
    input  logic       rst_n,
    input  logic [2:0] req,
    output logic [2:0] gnt
);
    logic [2:0] age0, age1, age2;
    logic [2:0] pick;

    always_comb begin
        pick = 3'b000;
        if (req[0] && (!req[1] || age0 >= age1) && (!req[2] || age0 >= age2))
            pick = 3'b001;
        else if (req[1] && (!req[2] || age1 >= age2))
            pick = 3'b010;
        else if (req[2])
            pick = 3'b100;
    end

    function automatic logic [2:0] grown(input logic waits, input logic [2:0] age);
        if (!waits)
            grown = 3'd0;
        else if (age == 3'd7)
            grown = 3'd7;
        else
            grown = age + 3'd1;
    endfunction

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            gnt  <= 3'd0;
            age0 <= 3'd0;
            age1 <= 3'd0;
            age2 <= 3'd0;
        end else begin
            gnt  <= pick;
            age0 <= grown(req[0] && !pick[0], age0);
            age1 <= grown(req[1] && !pick[1], age1);
            age2 <= grown(req[2] && !pick[2], age2);
        end
    end
endmodule
