module manchester_tx (
    input  logic clk,
    input  logic rst_n,
    input  logic send,
    input  logic bit_in,
    output logic ready,
    output logic line
);
    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            ready <= 1'b1;
            line  <= 1'b0;
        end else if (!ready) begin
            ready <= 1'b1;
            line  <= !line;
        end else begin
            ready <= !send;
            line  <= send && !bit_in;
        end
    end
endmodule
