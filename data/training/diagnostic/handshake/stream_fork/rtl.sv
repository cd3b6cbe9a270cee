module fork2 (
    input  logic clk,
    input  logic rst,
    input  logic in_valid,
    output logic in_ready,
    output logic a_valid,
    input  logic a_ready,
    output logic b_valid,
    input  logic b_ready
);
    logic a_done, b_done;

    assign a_valid  = in_valid && !a_done;
    assign b_valid  = in_valid && !b_done;
    assign in_ready = (a_done || a_ready) && (b_done || b_ready);

    always_ff @(posedge clk) begin
        if (rst || (in_valid && in_ready)) begin
            a_done <= 1'b0;
            b_done <= 1'b0;
        end else begin
            if (a_valid && a_ready)
                a_done <= 1'b1;
            if (b_valid && b_ready)
                b_done <= 1'b1;
        end
    end
endmodule
