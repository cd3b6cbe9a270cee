module stopwatch (
    input  logic       clk,
    input  logic       rst,
    input  logic       start_stop,
    input  logic       lap,
    output logic [9:0] shown,
    output logic       running,
    output logic       frozen
);
    logic [9:0] elapsed, captured;

    always_ff @(posedge clk) begin
        if (rst) begin
            elapsed  <= 10'd0;
            captured <= 10'd0;
            running  <= 1'b0;
            frozen   <= 1'b0;
        end else begin
            running <= running ^ start_stop;
            frozen  <= frozen ^ lap;
            if (running)
                elapsed <= elapsed + 10'd1;
            if (lap && !frozen)
                captured <= elapsed;
        end
    end

    assign shown = frozen ? captured : elapsed;
endmodule
