module abs_diff (
    input  logic [9:0] a,
    input  logic [9:0] b,
    output logic [9:0] d,
    output logic       a_is_less
);
    assign a_is_less = a < b;
    assign d         = a_is_less ? b - a : a - b;
endmodule
