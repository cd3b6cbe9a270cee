module sat_step (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       up,
    input  logic [1:0] step,
    output logic [5:0] q,
    output logic       at_max,
    output logic       at_min
);
    localparam logic [5:0] TOP = 6'd50;

    logic [5:0] distance;

    assign distance = {4'd0, step};

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n)
            q <= 6'd25;
        else if (up)
            q <= distance > TOP - q ? TOP : q + distance;
        else
            q <= distance > q ? 6'd0 : q - distance;
    end

    assign at_max = q == TOP;
    assign at_min = q == 6'd0;
endmodule
