module toggle_receiver (
    input  logic       clk,
    input  logic       rst_n,
    input  logic       toggle,
    output logic       event_pulse,
    output logic [5:0] event_count
);
    logic [2:0] seen;  // bit 0 is the newest

    assign event_pulse = seen[2] ^ seen[1];

    always_ff @(posedge clk or negedge rst_n) begin
        if (!rst_n) begin
            seen        <= 3'd0;
            event_count <= 6'd0;
        end else begin
            seen <= {seen[1:0], toggle};
            if (event_pulse)
                event_count <= event_count + 6'd1;
        end
    end
endmodule
