"""Reference model: traffic light with timer, waiting car or pedestrian's request."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus

NEXT = {"red": "green", "green": "yellow", "yellow": "red"}
CODES = {
    "onehot": {"red": 0b100, "yellow": 0b010, "green": 0b001},
    "code": {"red": 0, "green": 1, "yellow": 2},
}


class Reference(Model):
    """Knows the colour, for how many counted cycles it has been shown, and the request."""

    def setup(self) -> None:
        self.cycles = 300
        self.bias = {"en": 0.85, "car": 0.2, "ped": 0.08}
        self.times = {"red": self.p.t_red, "green": self.p.t_green, "yellow": self.p.t_yellow}
        self.power_up()

    def power_up(self) -> None:
        self.colour = str(self.p.start)
        self.shown = 1
        self.requested = False

    def reset(self) -> None:
        self.power_up()

    def step(self, i: Values) -> None:
        if self.p.request == "ped" and i.ped:
            self.requested = True
        if self.p.enable and not i.en:
            return
        if self.shown < self.times[self.colour] or self._must_wait(i):
            self.shown += 1
            return
        self.colour = NEXT[self.colour]
        self.shown = 1
        if self.colour == "red":
            self.requested = False

    def _must_wait(self, i: Values) -> bool:
        if self.colour != "green" or self.p.request == "none":
            return False
        return not (i.car if self.p.request == "car" else self.requested)

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected]
        if self.p.encoding == "lamps":
            shown = {colour: int(colour == self.colour) for colour in NEXT}
        else:
            shown = {"light": CODES[self.p.encoding][self.colour]}
        if self.p.countdown:
            shown["left"] = self.times[self.colour] - self.shown + 1
        return shown

    # Stimulus: `ask` is the request input, where there is one -----------------------------

    def directed(self, s: Stimulus) -> None:
        length = sum(self.times.values())
        ask = self.p.request
        s.reset(1)
        self._run(s, 3 * length, 1)
        if ask != "none":
            self._run(s, length + 30, 0)  # stays green
            self._run(s, 1, 1)
            for moment in range(length + 3):  # one request, at each moment of a cycle
                self._to_red(s)
                self._run(s, moment, 0)
                self._run(s, 1, 1)
                self._run(s, 12 if moment % 4 == 0 else 2, 0)
        if self.p.enable:
            for _ in range(2 * length):
                s.cycle(**{**s.draw(), "en": 0})
                self._run(s, 1, s.rng.randint(0, 1))
        if ask == "ped":
            self._requests_without_tick(s)
            for pressed in (0, 1):  # reset forgets, also what is pressed while it lasts
                s.cycle(en=1 - pressed, ped=1, rst=0)
                s.cycle(en=1, ped=pressed, rst=1)
                s.cycle(en=1, ped=0, rst=0)
                self._run(s, length + 2, 0)
        for moment in range(length + 1):
            s.reset(1)
            self._run(s, moment, 1)
        s.reset(1)
        self._run(s, length + 2, 1)

    def _run(self, s: Stimulus, cycles: int, asked: int) -> None:
        inputs = {} if self.p.request == "none" else {str(self.p.request): asked}
        if self.p.enable:
            inputs["en"] = 1
        s.hold(cycles, **inputs)

    def _to_red(self, s: Stimulus) -> None:
        """On to the first cycle of red, without a request left over."""
        while self.colour == "red":
            self._run(s, 1, 0)
        while self.colour != "red":
            self._run(s, 1, int(self.colour == "green"))

    def _requests_without_tick(self, s: Stimulus) -> None:
        """A press between two ticks, in each colour."""
        for moment in range(1, sum(self.times.values())):
            self._to_red(s)
            self._run(s, moment, 0)
            s.cycle(en=0, ped=1)
            s.cycle(en=0, ped=0)
            self._run(s, self.times["green"] + 2, 0)
