module both_edges (
    input  logic       clk,
    input  logic       rst,
    input  logic [3:0] lines,
    output logic [3:0] rose,
    output logic [3:0] fell,
    output logic       any_edge
);
    logic [3:0] last;

    always_ff @(posedge clk) begin
        if (rst)
            last <= 4'd0;
        else
            last <= lines;
    end

    assign rose     = lines & ~last;
    assign fell     = ~lines & last;
    assign any_edge = lines != last;
endmodule
