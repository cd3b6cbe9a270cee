module fall_pulse (
    input  logic clk,
    input  logic rst_n,
    input  logic sig,
    output logic fell
);
    logic last;

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            last <= 1'b0;
            fell <= 1'b0;
        end else begin
            last <= sig;
            fell <= last && !sig;
        end
    end
endmodule
