"""Reference model: small register file with one write port and one or two read ports."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A list of words, None where never written, and what the read registers hold."""

    def setup(self) -> None:
        self.depth = 1 << self.p.addr_width
        self.suffixes = ("_a", "_b") if self.p.reads == 2 else ("",)
        self.registered = self.p.read == "registered"
        self.words: list[int | None] = [None] * self.depth
        self.held: dict[str, int | None] = dict.fromkeys(self.suffixes)

    def power_up(self) -> None:
        self.setup()

    def reset(self) -> None:
        self.words = [0] * self.depth
        self.held = dict.fromkeys(self.suffixes, 0)

    def step(self, i: Values) -> None:
        before = list(self.words)
        if i.we:
            self.words[i.waddr] = i.wdata
        source = self.words if self.p.collision == "new" else before
        if not self.p.read_enable or i.re:
            self.held = {port: self.word(source, i[f"raddr{port}"]) for port in self.suffixes}

    def word(self, words: list[int | None], address: int) -> int | None:
        """What reading `address` gives."""
        return 0 if self.p.zero_word and address == 0 else words[address]

    def outputs(self, i: Values) -> dict[str, Expected]:
        if self.registered:
            return {f"rdata{port}": self.held[port] for port in self.suffixes}
        words = list(self.words)
        if self.p.collision == "new" and i.we:
            words[i.waddr] = i.wdata
        return {f"rdata{p}": self.word(words, i[f"raddr{p}"]) for p in self.suffixes}

    def directed(self, s: Stimulus) -> None:
        rng, top = s.rng, (1 << self.p.width) - 1
        for _ in range(2):
            for k in range(self.depth):
                s.cycle(**self.read(k, k), we=1, waddr=k, wdata=rng.randint(0, top))
            for k in range(self.depth):
                s.cycle(**self.read(k, k + 1), we=0, waddr=k, wdata=rng.randint(0, top))
            for k in reversed(range(self.depth)):
                s.cycle(**self.read(k + 1, k), we=1, waddr=k, wdata=rng.randint(1, top))
                s.cycle(**self.read(k, k + 1), we=1, waddr=k, wdata=rng.randint(1, top))
                s.cycle(**self.read(k, k), we=0, waddr=k, wdata=rng.randint(1, top))
            s.reset(1)
            for k in range(self.depth):
                s.cycle(**self.read(k, k + 1), we=0)
        for bit in range(self.p.width):
            address = rng.randrange(self.depth)
            s.cycle(**self.read(address + 1, address), we=1, waddr=address, wdata=1 << bit)
            s.cycle(**self.read(address, address + 1), we=0)
        if self.p.read_enable:
            for k in range(self.depth):
                s.cycle(**{**self.read(k, k), "re": 0}, we=1, waddr=k, wdata=rng.randint(1, top))
                s.cycle(**self.read(k, k), we=0)
                s.hold(2, **{**self.read(k + 1, k + 1), "re": 0})
        for _ in range(80):
            chosen = rng.randrange(self.depth)
            s.cycle(
                **{
                    **s.draw(),
                    **self.read(chosen, rng.choice((chosen, chosen + 1))),
                    "waddr": rng.choice((chosen, chosen, rng.randrange(self.depth))),
                }
            )

    def read(self, first: int, second: int) -> dict[str, int]:
        """Inputs that read word `first`, on port B word `second`, around the end."""
        addresses = dict(zip(self.suffixes, (first, second), strict=False))
        inputs = {f"raddr{port}": k % self.depth for port, k in addresses.items()}
        if self.p.read_enable:
            inputs["re"] = 1
        return inputs
