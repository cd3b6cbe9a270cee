module ones_in_12 (
    input  logic [11:0] bits,
    output logic [3:0]  count,
    output logic        odd,
    output logic        most
);
    always_comb begin
        count = 4'd0;
        for (int k = 0; k < 12; k++)
            count = count + {3'd0, bits[k]};
    end

    assign odd  = count[0];
    assign most = count > 4'd6;
endmodule
