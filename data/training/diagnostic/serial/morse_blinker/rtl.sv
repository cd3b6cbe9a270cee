module morse_sos (
    input  logic clk,
    input  logic rst,
    input  logic go,
    output logic lamp
);
    localparam logic [33:0] PATTERN = {
        7'b0000000, 5'b10101, 3'b000, 11'b11101110111, 3'b000, 5'b10101
    };

    logic [5:0] position;

    always_ff @(posedge clk) begin
        if (rst)
            position <= 6'd33;
        else if (go)
            position <= position == 6'd33 ? 6'd0 : position + 6'd1;
    end

    assign lamp = PATTERN[position];
endmodule
