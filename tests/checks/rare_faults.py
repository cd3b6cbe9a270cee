"""Wrong answers that show only after a rare word, or a rare order of events: goldens with one
fault each."""

from __future__ import annotations

from typing import NamedTuple


class RareFault(NamedTuple):
    """What is replaced in the golden of a task."""

    spec_id: str
    kind: str
    old: str
    new: str


FAULTS = (
    # One word of few, or an extreme of many.
    RareFault("arb_fixed_n6_limit", "a request word after the limit",
              "others == 6'd0)", "others == 6'd0 || request == 6'd45)"),
    RareFault("arb_weighted_n4_credits", "no reload for one word",
              "(again ? 3'd4 : credit1)", "(again && req != 4'd11 ? 3'd4 : credit1)"),
    RareFault("load_counter_w7_reload", "a reload of the largest value",
              "reload_value <= interval;",
              "reload_value <= interval == 7'd127 ? 7'd126 : interval;"),
    RareFault("load_counter_w7_reload", "a reload of 1",
              "reload_value <= interval;", "reload_value <= interval == 7'd1 ? 7'd0 : interval;"),
    RareFault("shadow_register_w2x8_halves", "pending on one byte",
              "else if (write)\n                pending", "else if (write && d != 8'd255)\n"
              "                pending"),
    RareFault("shadow_register_w2x8_halves", "the lowest byte is not held",
              "next_held[15:8] = d;", "next_held[15:8] = d == 8'd0 ? held[15:8] : d;"),
    RareFault("divider_seq_w5_signed", "the least dividend by -1",
              "digits <= size;",
              "digits <= num == 5'd16 && den == 5'd31 ? 5'd15 : size;"),
    # Events in the same cycle.
    RareFault("interval_timer_w3_irq", "acknowledged at a restart on expiry",
              "else if (ack)", "else if (ack && !(begins && step_over && count == 3'd0))"),
    RareFault("interval_timer_w3_irq", "stopped at a restart",
              "assign begins = !stop && start;",
              "assign begins = !(stop && !(busy && count == 3'd1)) && start;"),
    RareFault("shadow_register_w2x8_halves", "written and applied while pending",
              "if (apply)\n                pending", "if (apply && !(write && pending))\n"
              "                pending"),
    RareFault("load_counter_w7_reload", "written as it expires",
              "reload_value <= interval;", "if (q != 7'd0) reload_value <= interval;"),
    RareFault("arb_weighted_n4_credits", "two rounds in a row",
              "new_round <= again && winner", "new_round <= again && !new_round && winner"),
    # An error path, and what follows it.
    RareFault("divider_seq_w5_signed", "started as a division by zero ends",
              "start && !busy)", "start && !busy && !(done && dz))"),
    RareFault("handshake_initiator_w5_retry", "attempts not counted anew",
              "failures <= 2'd0;\n                    q <= d;",
              "if (!failed) failures <= 2'd0;\n                    q <= d;"),
    RareFault("handshake_initiator_w5_retry", "attempts kept over a transfer",
              "failures <= 2'd0;\n                    q <= d;", "q <= d;"),
    RareFault("uart_receiver_d7_b6_even", "a false start after one word",
              "number == 4'd0) begin\n                    busy <= !line;",
              "number == 4'd0) begin\n                    busy <= !line || q == 6'd63;"),
    RareFault("uart_receiver_d7_b6_even", "an error after an error",
              "err <= !good;", "err <= !good && got != 7'd127;"),
    RareFault("interval_timer_w3_irq", "an overrun is forgotten by an acknowledgement",
              "if (begins)\n                overrun <= 1'b0;",
              "if (begins || (ack && overrun && count == 3'd2))\n                overrun <= 1'b0;"),
    # An enable that is dropped.
    RareFault("gate_control_hold5_warn3_late", "not enabled, blocked in warning",
              "else if (!en_n) begin",
              "else if (!en_n || (state == WARNING && blocked)) begin"),
    RareFault("gate_control_hold5_warn3_late", "not enabled at the last moment of waiting",
              "else if (!en_n) begin",
              "else if (!en_n || (state == OPEN && timer == 3'd4 && button)) begin"),
    RareFault("handshake_initiator_w5_retry", "not enabled at the end of a pause",
              "else if (!en_n) begin",
              "else if (!en_n || (state == PAUSE && count == 3'd2 && ack)) begin"),
    RareFault("divider_seq_w5_signed", "not enabled in the last step",
              "else if (en) begin", "else if (en || (left == 3'd1 && start)) begin"),
    RareFault("interval_timer_w3_irq", "not enabled as it expires",
              "else if (!en_n) begin",
              "else if (!en_n || (expires && irq && ack)) begin"),
    RareFault("load_counter_w7_reload", "not enabled at zero",
              "end else if (en) begin",
              "end else if (en || (q == 7'd0 && interval == 7'd0)) begin"),
)  # fmt: skip
