module piso_tx (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       load,
    input  logic [7:0] data,
    output logic       ready,
    output logic       valid,
    output logic       bit_out
);
    logic [7:0] bits;
    logic [3:0] left;  // bits still to be shown, this one included

    assign valid   = left != 4'd0;
    assign ready   = left <= 4'd1;
    assign bit_out = bits[0];

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            bits <= 8'd0;
            left <= 4'd0;
        end else if (load && ready) begin
            bits <= data;
            left <= 4'd8;
        end else if (valid) begin
            bits <= {1'b0, bits[7:1]};
            left <= left - 4'd1;
        end
    end
endmodule
