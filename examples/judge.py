"""Judge answers from Python: one, and several at once; what came of each, and why.

    python examples/judge.py
"""

from __future__ import annotations

import rtlbench

RIGHT = """
module updown_counter(input clk, input rst, input up, output reg [3:0] q);
  always @(posedge clk)
    if (rst) q <= 4'd0;
    else q <= up ? q + 4'd1 : q - 4'd1;
endmodule
"""
WRONG = RIGHT.replace("up ? q + 4'd1 : q - 4'd1", "q + 4'd1")


def main() -> None:
    """Judge a right answer, and one that counts up only."""
    for verdict in rtlbench.judge("updown_w4_sync", [RIGHT, WRONG]):
        print(f"{verdict.outcome}, score {verdict.score:.3f}, functional {verdict.functional}")
        for finding in verdict.findings:
            print(f"  {finding.rule}: {finding.message}")


if __name__ == "__main__":
    main()
