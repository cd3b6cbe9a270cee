module shr_en (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       en,
    input  logic       si,
    output logic [9:0] q,
    output logic       so
);
    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n)
            q <= 10'h3FF;
        else if (en)
            q <= {si, q[9:1]};
    end

    assign so = q[0];
endmodule
