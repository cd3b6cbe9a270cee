module johnson_six (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       en,
    input  logic       load,
    input  logic [2:0] value,
    output logic [5:0] phase
);
    logic [2:0] ring;

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n)
            ring <= 3'b000;
        else if (load)
            ring <= value;
        else if (en) begin
            if (ring == 3'b010 || ring == 3'b101)
                ring <= 3'b000;
            else
                ring <= {ring[1:0], ~ring[2]};
        end
    end

    always_comb begin
        case (ring)
            3'b000:  phase = 6'b000001;
            3'b001:  phase = 6'b000010;
            3'b011:  phase = 6'b000100;
            3'b111:  phase = 6'b001000;
            3'b110:  phase = 6'b010000;
            3'b100:  phase = 6'b100000;
            default: phase = 6'b000000;
        endcase
    end
endmodule
