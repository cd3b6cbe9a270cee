"""Reference model: vending machine that adds up coins, sells and pays out."""

from __future__ import annotations

from collections import deque

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The money in the machine, and what the last clock edge sold and paid out."""

    def setup(self) -> None:
        self.cycles = 300
        self.bias = {"en": 0.85, "cancel": 0.12}
        self.worth = (0, self.p.v1, self.p.v2, self.p.v3)
        self.power_up()

    def power_up(self) -> None:
        self.credit = 0
        self.sold, self.paid = False, 0

    def reset(self) -> None:
        self.power_up()

    def step(self, i: Values) -> None:
        self.credit, self.sold, self.paid = self._deal(i)

    def _deal(self, i: Values) -> tuple[int, bool, int]:
        """Credit after the edge, whether an item is sold at it, and what is paid out."""
        if self.p.enable and not i.en:
            return self.credit, False, 0
        total = self.credit + self.worth[i.coin]
        if self.p.with_cancel and i.cancel:
            return 0, False, total
        if total < self.p.price:
            return total, False, 0
        excess = total - self.p.price
        return (excess if self.p.rest == "kept" else 0), True, excess

    def outputs(self, i: Values) -> dict[str, Expected]:
        sold, paid = self.sold, self.paid
        if self.p.timing == "mealy":
            _, sold, paid = self._deal(i)
        shown: dict[str, Expected] = {"vend": int(sold)}
        if self.p.rest == "change":
            shown["change"] = paid
        if self.p.show_credit:
            shown["credit"] = self.credit
        return shown

    def directed(self, s: Stimulus) -> None:
        s.reset(1)
        for credit in range(self.p.price):
            for coin in range(4):
                for cancel in (0, 1) if self.p.with_cancel else (0,):
                    for en in (1, 0) if self.p.enable else (1,):
                        if self._bring_to(s, credit):
                            self._insert(s, coin, cancel, en)
                            self._insert(s, coin, 0, en)
                            self._insert(s, 0, 0, 1)
        for credit in range(self.p.price):  # from reset to each: it left no money
            s.reset(1)
            self._bring_to(s, credit)
        for coin in (1, 2, 3):
            for _ in range(12):
                self._insert(s, coin, 0, 1)
            self._insert(s, 0, 0, 1)
        for _ in range(6):
            for coin in (1, 2, 1):
                self._insert(s, coin, 0, 1)
            s.reset(1)

    def _insert(self, s: Stimulus, coin: int, cancel: int, en: int) -> None:
        inputs = {"coin": coin}
        if self.p.with_cancel:
            inputs["cancel"] = cancel
        if self.p.enable:
            inputs["en"] = en
        s.cycle(**inputs)

    def _bring_to(self, s: Stimulus, goal: int) -> bool:
        """Insert the coins that lead to a credit of `goal`; False if there are none."""
        routes: dict[int, list[int]] = {self.credit: []}
        queue = deque(routes)
        while queue and goal not in routes:
            credit = queue.popleft()
            for coin in (1, 2, 3):
                total = credit + self.worth[coin]
                if total >= self.p.price:
                    total = total - self.p.price if self.p.rest == "kept" else 0
                if total not in routes:
                    routes[total] = [*routes[credit], coin]
                    queue.append(total)
        for coin in routes.get(goal, []):
            self._insert(s, coin, 0, 1)
        return goal in routes
