module kitchen_timer (
    input  logic       clk,
    input  logic       rst,
    input  logic       add_minute,
    input  logic       run,
    output logic [3:0] minutes,
    output logic [2:0] tens,
    output logic [3:0] ones,
    output logic       ringing
);
    logic at_end;

    assign at_end  = minutes == 4'd0 && tens == 3'd0 && ones == 4'd0;
    assign ringing = run && at_end;

    always_ff @(posedge clk) begin
        if (rst) begin
            minutes <= 4'd0;
            tens    <= 3'd0;
            ones    <= 4'd0;
        end else if (add_minute) begin
            if (minutes != 4'd9)
                minutes <= minutes + 4'd1;
        end else if (run && !at_end) begin
            if (ones != 4'd0)
                ones <= ones - 4'd1;
            else begin
                ones <= 4'd9;
                if (tens != 3'd0)
                    tens <= tens - 3'd1;
                else begin
                    tens    <= 3'd5;
                    minutes <= minutes - 4'd1;
                end
            end
        end
    end
endmodule
