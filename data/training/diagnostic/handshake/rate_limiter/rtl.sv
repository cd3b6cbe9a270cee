module token_gate (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       ask,
    output logic       grant,
    output logic [2:0] tokens
);
    logic [2:0] count;
    logic       comes;

    assign comes = count == 3'd7;
    assign grant = ask && tokens != 3'd0;

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            count  <= 3'd0;
            tokens <= 3'd5;
        end else begin
            count <= count + 3'd1;
            if (comes && !grant && tokens != 3'd5)
                tokens <= tokens + 3'd1;
            else if (grant && !comes)
                tokens <= tokens - 3'd1;
        end
    end
endmodule
