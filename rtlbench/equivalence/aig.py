"""And-inverter graphs: the one form in which circuits are compared.

A literal is twice a node's number, plus 1 where it is inverted; node 0 is the constant false, so
literal 0 is false and literal 1 is true. Nodes are numbered in topological order, equal nodes
exist once, constants are folded. A *rail pair* (is1, is0) of literals stands for a three-valued
signal: (0, 0) is unknown. Pairs are never both true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Lit: TypeAlias = int
Rails: TypeAlias = tuple[Lit, Lit]

FALSE: Lit = 0
TRUE: Lit = 1
UNKNOWN: Rails = (FALSE, FALSE)


class Aig:
    """A graph that only grows."""

    def __init__(self) -> None:
        self._fanins: list[tuple[Lit, Lit] | None] = [None]
        self._known: dict[tuple[Lit, Lit], Lit] = {}

    def __len__(self) -> int:
        return len(self._fanins)

    def leaf(self) -> int:
        """A new node without fanins: an input or a register."""
        self._fanins.append(None)
        return len(self._fanins) - 1

    def held(self, a: Lit, b: Lit) -> Lit | None:
        """`a & b` where it takes no new node."""
        if a > b:
            a, b = b, a
        if a == FALSE or a == b ^ 1:
            return FALSE
        if a in (TRUE, b):
            return b
        return self._known.get((a, b))

    def conj(self, a: Lit, b: Lit) -> Lit:
        """`a & b`."""
        found = self.held(a, b)
        if found is None:
            key = (a, b) if a < b else (b, a)
            self._fanins.append(key)
            found = self._known[key] = 2 * (len(self._fanins) - 1)
        return found

    def disj(self, a: Lit, b: Lit) -> Lit:
        """`a | b`."""
        return self.conj(a ^ 1, b ^ 1) ^ 1

    def any_of(self, lits: Iterable[Lit]) -> Lit:
        """True where one of `lits` is."""
        result = FALSE
        for lit in lits:
            result = self.disj(result, lit)
        return result

    def all_of(self, lits: Iterable[Lit]) -> Lit:
        """True where all of `lits` are."""
        return self.any_of(lit ^ 1 for lit in lits) ^ 1

    def mux(self, select: Lit, then: Lit, other: Lit) -> Lit:
        """`select ? then : other`."""
        if then == other:
            return then
        return self.disj(self.conj(select, then), self.conj(select ^ 1, other))

    def fanins(self, node: int) -> tuple[Lit, Lit] | None:
        """The two literals that `node` is the conjunction of, or None for a leaf."""
        return self._fanins[node]

    def cone(self, roots: Iterable[Lit]) -> list[int]:
        """The nodes that `roots` depend on, themselves included, in topological order."""
        seen = {0}
        stack = [lit >> 1 for lit in roots]
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            fanins = self._fanins[node]
            if fanins is not None:
                stack += [fanins[0] >> 1, fanins[1] >> 1]
        return sorted(seen)

    def support(self, roots: Iterable[Lit]) -> set[int]:
        """The leaves that `roots` depend on."""
        return {n for n in self.cone(roots) if n and self._fanins[n] is None}

    def copy_into(
        self, target: Aig, roots: Sequence[Lit], leaves: Mapping[int, Lit]
    ) -> list[Lit]:
        """`roots` built in `target` with each leaf replaced by a literal there."""
        made: dict[int, Lit] = {0: FALSE}
        for node in self.cone(roots)[1:]:
            fanins = self._fanins[node]
            if fanins is None:
                made[node] = leaves[node]
            else:
                a, b = fanins
                made[node] = target.conj(made[a >> 1] ^ (a & 1), made[b >> 1] ^ (b & 1))
        return [made[lit >> 1] ^ (lit & 1) for lit in roots]

    def find_in(
        self, target: Aig, roots: Sequence[Lit], leaves: Mapping[int, Lit]
    ) -> list[Lit] | None:
        """What `copy_into` gives, where it takes no new node in `target`; else None."""
        made: dict[int, Lit] = {0: FALSE}
        for node in self.cone(roots)[1:]:
            fanins = self._fanins[node]
            if fanins is None:
                made[node] = leaves[node]
                continue
            a, b = fanins
            found = target.held(made[a >> 1] ^ (a & 1), made[b >> 1] ^ (b & 1))
            if found is None:
                return None
            made[node] = found
        return [made[lit >> 1] ^ (lit & 1) for lit in roots]

    def rails_into(
        self, target: Aig, roots: Sequence[Lit], leaves: Mapping[int, Rails]
    ) -> list[Rails]:
        """The same in three values: a result is known only where it follows from what is known."""
        made: dict[int, Rails] = {0: (FALSE, TRUE)}

        def of(lit: Lit) -> Rails:
            is1, is0 = made[lit >> 1]
            return (is0, is1) if lit & 1 else (is1, is0)

        for node in self.cone(roots)[1:]:
            fanins = self._fanins[node]
            if fanins is None:
                made[node] = leaves[node]
            else:
                (a1, a0), (b1, b0) = of(fanins[0]), of(fanins[1])
                made[node] = (target.conj(a1, b1), target.disj(a0, b0))
        return [of(lit) for lit in roots]


class Evaluator:
    """Evaluates the same roots again and again, for other values of the leaves."""

    def __init__(self, aig: Aig, roots: Sequence[Lit]) -> None:
        self._roots = tuple(roots)
        self._values = bytearray(len(aig))
        self._gates: list[tuple[int, int, int, int, int]] = []
        for node in aig.cone(roots):
            fanins = aig.fanins(node)
            if fanins is not None:
                a, b = fanins
                self._gates.append((node, a >> 1, a & 1, b >> 1, b & 1))

    def run(self, leaves: Mapping[int, int]) -> list[int]:
        """The values of the roots; leaves that are not given are 0."""
        values = self._values
        for node, value in leaves.items():
            values[node] = value
        for node, a, not_a, b, not_b in self._gates:
            values[node] = (values[a] ^ not_a) & (values[b] ^ not_b)
        return [values[lit >> 1] ^ (lit & 1) for lit in self._roots]


def aiger(
    aig: Aig, inputs: Sequence[int], latches: Sequence[tuple[int, Lit]], output: Lit
) -> bytes:
    """The binary AIGER file of a sequential circuit with one output.

    Args:
        inputs: Leaves, in the order in which a counterexample will give them.
        latches: Leaf and next-state literal of each register; all start at 0.
    """
    gates = [n for n in aig.cone([output, *(d for _, d in latches)]) if aig.fanins(n) is not None]
    order = [0, *inputs, *(q for q, _ in latches), *gates]
    number = {node: k for k, node in enumerate(order)}

    def of(lit: Lit) -> int:
        return 2 * number[lit >> 1] + (lit & 1)

    head = f"aig {len(order) - 1} {len(inputs)} {len(latches)} 1 {len(gates)}\n"
    text = head + "".join(f"{of(d)}\n" for _, d in latches) + f"{of(output)}\n"
    data = bytearray(text.encode())
    for node in gates:
        fanins = aig.fanins(node)
        assert fanins is not None
        high, low = sorted((of(fanins[0]), of(fanins[1])), reverse=True)
        data += _delta(2 * number[node] - high) + _delta(high - low)
    return bytes(data)


def _delta(value: int) -> bytes:
    """AIGER's variable-length number: seven bits a byte, lowest first."""
    coded = bytearray()
    while value > 0x7F:
        coded.append(value & 0x7F | 0x80)
        value >>= 7
    coded.append(value)
    return bytes(coded)
