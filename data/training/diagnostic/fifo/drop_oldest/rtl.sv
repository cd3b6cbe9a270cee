module last_four (
    input  logic       clk,
    input  logic       rst,
    input  logic       put,
    input  logic [4:0] d,
    input  logic       take,
    output logic [4:0] oldest,
    output logic [2:0] stored,
    output logic       lost
);
    logic [4:0] words [0:3];
    logic [1:0] read, write;
    logic       overflows;
    logic       leaves;

    assign overflows = put && !take && stored == 3'd4;
    assign leaves    = overflows || (take && stored != 3'd0);
    assign write     = read + stored[1:0];
    assign oldest    = stored == 3'd0 ? 5'd0 : words[read];

    always_ff @(posedge clk) begin
        if (put)
            words[write] <= d;
    end

    always_ff @(posedge clk) begin
        if (rst) begin
            read   <= 2'd0;
            stored <= 3'd0;
            lost   <= 1'b0;
        end else begin
            lost <= overflows;
            if (leaves)
                read <= read + 2'd1;
            if (put && !leaves)
                stored <= stored + 3'd1;
            else if (leaves && !put)
                stored <= stored - 3'd1;
        end
    end
endmodule
