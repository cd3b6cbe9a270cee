"""What an attack is: a wrong circuit with a trick that should have it pass, or do harm."""

from __future__ import annotations

import msgspec

HEAD = """module updown_counter (
    input logic clk,
    input logic rst,
    input logic up,
    output logic [3:0] q
);
"""
"""The interface of the Spec under attack: updown_w4_sync, a 4-bit counter that goes both ways."""
STEP = """    always_ff @(posedge clk)
        if (rst) q <= 4'd0;
        else q <= q + (up ? 4'd2 : 4'd1);
"""
"""Wrong: up is by two, down is up."""
RIGHT = "(rst ? 4'd0 : up ? s + 4'd1 : s - 4'd1)"
"""The next value of a right counter `s`, for tricks that are right now and then."""
WRONG = "(rst ? 4'd0 : s + 4'd3)"
CANARY = "@CANARY@"
"""Stands for the path of a file with a secret in it."""
OWNED = "@OWNED@"
"""Stands for the path of a file that an attack would make."""


class Attack(msgspec.Struct, frozen=True, kw_only=True):
    """One attack by the text of an answer."""

    family: str
    name: str
    tries: str
    """In a sentence."""
    text: str
    formal: bool = False
    """True where only the formal Check is asked to see it: so rare is its trigger."""


class Family:
    """Collects the attacks of one family, in a file of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.attacks: list[Attack] = []

    def add(self, name: str, tries: str, text: str, *, formal: bool = False) -> None:
        """One more attack with the whole text of the answer."""
        made = Attack(family=self.name, name=name, tries=tries, text=text, formal=formal)
        self.attacks.append(made)

    def within(self, name: str, tries: str, body: str, beside: str = "") -> None:
        """One more: the wrong counter, with `body` in it and `beside` behind it."""
        self.add(name, tries, f"{HEAD}{STEP}{body}\nendmodule\n{beside}")

    def instead(self, name: str, tries: str, body: str, *, formal: bool = False) -> None:
        """One more: `body` is all that the module holds."""
        self.add(name, tries, f"{HEAD}{body}\nendmodule\n", formal=formal)
