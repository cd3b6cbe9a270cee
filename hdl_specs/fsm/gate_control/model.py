"""Reference model: lifting gate with a waiting time, a warning and registered outputs."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus

SHOWN = {
    "closed": (0, 0, 0),
    "opening": (1, 0, 1),
    "open": (0, 0, 0),
    "warning": (0, 0, 1),
    "closing": (0, 1, 1),
}
"""What belongs to a state: up, down, lamp."""
INPUTS = ("button", "at_top", "at_bottom", "blocked")


class Reference(Model):
    """The state, the edges it still waits in it (None: for ever), and what the outputs hold."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"en": 0.9, "button": 0.2, "blocked": 0.1, "at_top": 0.5, "at_bottom": 0.3}
        self.power_up()

    def power_up(self) -> None:
        self.state = "closed"
        self.remaining: int | None = None
        self.shown = SHOWN["closed"]

    def reset(self) -> None:
        self.power_up()

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        before = self.state
        if self.remaining is not None:
            self.remaining -= 1
        getattr(self, f"_in_{self.state}")(i)
        self.shown = SHOWN[before if self.p.late else self.state]

    def _in_closed(self, i: Values) -> None:
        if i.button:
            self._enter("opening")

    def _in_opening(self, i: Values) -> None:
        if i.at_top:
            self._enter("open")

    def _in_open(self, i: Values) -> None:
        if i.blocked:
            self._enter("open")
        elif i.button or self.remaining == 0:
            self._enter("warning" if self.p.warn else "closing")

    def _in_warning(self, i: Values) -> None:
        if i.button or i.blocked:
            self._enter("open")
        elif self.remaining == 0:
            self._enter("closing")

    def _in_closing(self, i: Values) -> None:
        if i.button or i.blocked:
            self._enter("opening")
        elif i.at_bottom:
            self._enter("closed")

    def _enter(self, state: str) -> None:
        self.state = state
        times = {"open": self.p.hold or None, "warning": self.p.warn}
        self.remaining = times.get(state)

    def outputs(self, i: Values) -> dict[str, Expected]:
        return dict(zip(("up", "down", "lamp"), self.shown, strict=True))

    def directed(self, s: Stimulus) -> None:
        s.reset(1)
        long = self.p.hold + self.p.warn + 4
        states = [state for state in SHOWN if state != "warning" or self.p.warn]
        for state in states:  # every state under every combination of the inputs
            for levels in range(16):
                self._bring_to(s, state)
                self._apply(s, **{name: (levels >> k) & 1 for k, name in enumerate(INPUTS)})
                self._apply(s)
                self._apply(s)
        for _ in range(3):  # nobody touches anything
            self._bring_to(s, "open")
            for _ in range(long):
                self._apply(s)
        for moment in range(long):  # a single event at each moment of waiting and warning
            for event in (("button",), ("blocked",), ("at_top", "at_bottom")):
                self._bring_to(s, "open")
                for _ in range(moment):
                    self._apply(s)
                self._apply(s, **dict.fromkeys(event, 1))
                for _ in range(long if "blocked" in event else 2):
                    self._apply(s)
        self._bring_to(s, "open")
        for _ in range(long + 3):
            self._apply(s, blocked=1)
        for _ in range(long):
            self._apply(s)
        if self.p.enable:
            self._stalls(s, states)
        for state in states * 2:
            self._bring_to(s, state)
            self._apply(s)
            s.reset(1)
            self._apply(s)
            self._apply(s)

    def _stalls(self, s: Stimulus, states: list[str]) -> None:
        for state in states:
            for name in INPUTS:
                self._bring_to(s, state)
                s.cycle(**{**dict.fromkeys(INPUTS, 0), name: 1, "en": 0})
                s.cycle(**{**dict.fromkeys(INPUTS, 1), "en": 0})
                self._apply(s)
        self._bring_to(s, "open")
        for _ in range(self.p.hold + self.p.warn + 2):
            s.cycle(**dict.fromkeys(INPUTS, 0), en=0)
            self._apply(s)

    def _bring_to(self, s: Stimulus, state: str) -> None:
        """On to a state, freshly entered, by pressing and by the ends of the way."""
        for _ in range(8):
            if self.state == "open" and state in ("warning", "closing"):
                self._apply(s, button=1)
            elif self.state == "open":
                self._apply(s, button=1)
                if self.p.warn:
                    self._let_warning_pass(s)
            elif self.state == "warning":
                self._let_warning_pass(s)
            elif self.state == "closed":
                self._apply(s, button=1)
            else:
                self._apply(s, at_top=1, at_bottom=1)
            if self.state == state:
                return

    def _let_warning_pass(self, s: Stimulus) -> None:
        while self.state == "warning":
            self._apply(s)

    def _apply(self, s: Stimulus, **levels: int) -> None:
        controls = {"en": 1} if self.p.enable else {}
        s.cycle(**{**dict.fromkeys(INPUTS, 0), **controls, **levels})
