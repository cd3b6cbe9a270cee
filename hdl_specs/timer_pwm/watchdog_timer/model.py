"""Reference model: watchdog timer, plain, windowed or with keys."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus

FIRST_KEY, SECOND_KEY = 5, 10


class Reference(Model):
    """Edges since the last service, cycles of bite that are left, and the key that is due."""

    def setup(self) -> None:
        self.cycles = 220
        self.bias = {"kick": 0.08, "en": 0.9}
        self.power_up()

    def power_up(self) -> None:
        self.age = 0
        self.biting = 0
        self.bad = 0
        self.due = FIRST_KEY

    def reset(self) -> None:
        self.power_up()

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        if self.biting:
            self.biting -= 1
            self.age = 0
            return
        verdict = self.judge(i) if i.kick else "nothing"
        if verdict == "service":
            self.age, self.due = 0, FIRST_KEY
        elif verdict == "bad" or self.age + 1 == self.p.timeout:
            self.biting = self.p.hold
            self.bad = int(verdict == "bad")
            self.due = FIRST_KEY
        else:
            self.age += 1

    def judge(self, i: Values) -> str:
        """What a kick is worth: nothing yet, a service, or a bite."""
        if self.p.keyed:
            if i.key != self.due:
                return "bad"
            if self.due == FIRST_KEY:
                self.due = SECOND_KEY
                return "nothing"
        return "bad" if self.age < self.p.window else "service"

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"bite": int(self.biting > 0)}
        if self.p.warning:
            late = self.age >= self.p.timeout - self.p.warning
            shown["warn"] = int(late and not self.biting)
        if self.p.window or self.p.keyed:
            shown["bad"] = self.bad
        return shown

    def directed(self, s: Stimulus) -> None:
        self._run(s, 2 * (self.p.timeout + self.p.hold) + 3)
        for age in range(self.p.timeout + self.p.hold + 2):  # a service at every age
            self._rest(s)
            self._run(s, age)
            if self.p.enable:
                s.cycle(**{**s.draw(), "en": 0, "kick": age & 1})
            self._run(s, 1, kick=1, key=self.due)
            if self.p.keyed:
                self._run(s, age % 3)
                self._run(s, 1, kick=1, key=self.due)
            self._run(s, self.p.hold + 1)
        for moment in range(self.p.hold + 2):  # kicks during a bite
            for key in (FIRST_KEY, SECOND_KEY):
                self._run(s, self.p.timeout - self.age)
                self._run(s, moment)
                self._run(s, 1, kick=1, key=key)
                self._run(s, self.p.timeout - 2)
        for _ in range(3):
            self._run(s, 4 * self.p.hold + 4, kick=1)
        if self.p.keyed:
            self._keys(s)
        for moment in (1, self.p.timeout - 1, self.p.timeout, self.p.timeout + 1):
            self._rest(s)
            self._run(s, moment)
            s.reset(1)
            self._run(s, 3)

    def _keys(self, s: Stimulus) -> None:
        for key in range(16):  # every key where the first and where the second is due
            for prepared in (0, 1):
                self._rest(s)
                self._run(s, 7)
                self._run(s, prepared, kick=1, key=FIRST_KEY)
                self._run(s, 1, kick=1, key=key)
                self._run(s, 2)
        for key in (FIRST_KEY + 1, FIRST_KEY, SECOND_KEY):  # at the edge of a timeout
            self._rest(s)
            self._run(s, self.p.timeout - 1)
            self._run(s, 1, kick=1, key=key)
            self._run(s, self.p.hold + 1)
        for back in range(4):  # prepared, but too late; a preparation does not survive a bite
            self._rest(s)
            self._run(s, self.p.timeout - 1 - back)
            self._run(s, 1, kick=1, key=FIRST_KEY)
            self._run(s, self.p.hold + back)
            self._run(s, self.p.window)
            self._run(s, 1, kick=1, key=(SECOND_KEY, FIRST_KEY)[back & 1])
            self._run(s, self.p.hold + 1)
        self._rest(s)
        self._run(s, 8)
        self._run(s, 1, kick=1, key=FIRST_KEY)
        s.reset(1)
        self._run(s, 8)
        self._run(s, 1, kick=1, key=SECOND_KEY)
        self._run(s, 8)

    def _rest(self, s: Stimulus) -> None:
        """Bring the age to 0, by reset or by a bite."""
        if self.p.reset != "none":
            s.reset(1)
            return
        while not self.biting:
            self._run(s, 1)
        while self.biting:
            self._run(s, 1)

    def _run(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        wanted = {"en": 1, "kick": 0, **inputs}
        for _ in range(cycles):
            drawn = s.draw()
            s.cycle(**{**drawn, **{name: x for name, x in wanted.items() if name in drawn}})
