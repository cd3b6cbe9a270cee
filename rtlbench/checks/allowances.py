"""What words ask for that is a fault anywhere else: a constant output, an unused input, a latch.

Only where no golden tells, and only what is said plainly and without a condition: "`d` is ignored
while `en` is low" allows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_NAME = r"[`'\"]?\b(\w+)\b[`'\"]?"
_END = r"(?=\s*(?:[.,;()]|$|at all\b))"
_UNUSED = (
    re.compile(
        rf"{_NAME}\s+(?:is|are|stays|remains)\s+(?:unused|ignored|unconnected|(?:not|never) "
        rf"(?:used|read|needed|connected)){_END}",
        re.I,
    ),
    re.compile(rf"{_NAME}\s+has\s+no\s+(?:effect|function|purpose|use){_END}", re.I),
    re.compile(
        r"\b(?:ignores?|do(?:es)? not use|don't use|never uses?|leaves?)\s+(?:the\s+)?(?:input\s+)?"
        rf"{_NAME}(?:\s+unused)?{_END}",
        re.I,
    ),
)
_LOW_OR_HIGH = r"(?:a\s+)?(?:constant\s+|logic\s+)*(0|1|zero|one|low|high|ground|gnd|vcc|vdd)\b"
_CONSTANT = (
    re.compile(rf"{_NAME}\s+(?:is|must be|shall be|stays)\s+(?:always|constantly|permanently)\s+"
               rf"{_LOW_OR_HIGH}", re.I),
    re.compile(rf"{_NAME}\s+(?:is|must be|shall be)\s+(?:\w+ly\s+)?(?:tied|wired|hard-?wired)\s+"
               rf"(?:to\s+)?{_LOW_OR_HIGH}", re.I),
    re.compile(rf"\b()(?:always|constantly|permanently)\s+(?:outputs?|drives?)\s+{_LOW_OR_HIGH}",
               re.I),
    re.compile(rf"\b()(?:outputs?|drives?)\s+a\s+constant\s+{_LOW_OR_HIGH}", re.I),
)  # fmt: skip
_HIGH = frozenset({"1", "one", "high", "vcc", "vdd"})
_LATCH = re.compile(
    r"\b(?:an?|the|one|two|\d+|\d+-bit|d|sr|s-r|gated|transparent|level-sensitive|octal)\s+"
    r"(?:[\w-]+\s+){0,2}?latch(?:es)?\b(?!\s+(?:the|its|on|when|data)\b)",
    re.I,
)
_SENTENCE = re.compile(r"[^.;\n]+")
_CONDITION = re.compile(
    r"\b(?:when\w*|while|if|unless|until|during|after|before|once|otherwise|else|mode|cycles?|edges?|"
    r"as long as|then|where|for|reset|except|but|first|initially)\b",
    re.I,
)
_DENIED = re.compile(
    r"\b(?:avoid\w*|infer\w*|unintended|unwanted|prevent\w*|free|no|not|never|without|instead)\b",
    re.I,
)
_OUTPUT = frozenset({"", "output", "outputs", "it"})


class Allowances(msgspec.Struct, frozen=True):
    """What is no fault in an answer to some words."""

    unused: frozenset[str] = frozenset()
    """Inputs."""
    constant: dict[str, str] = {}
    """"0" or "1" by output; by the empty name, where it is said of whatever there is."""
    latch: bool = False

    def holds(self, output: str, outputs: int) -> str | None:
        """The value that an output is to keep; None where it is to change.

        Args:
            outputs: How many there are: what is said of no name is said of an only one.
        """
        return self.constant.get(output, self.constant.get("") if outputs == 1 else None)


def read_allowances(words: str) -> Allowances:
    """What the words ask for."""
    latch = any(
        _LATCH.search(said) and not _DENIED.search(said) for said in _SENTENCE.findall(words)
    )
    return Allowances(frozenset(_unused(words)), dict(_constants(words)), latch)


def _unconditional(words: str) -> Iterator[str]:
    return (said for said in _SENTENCE.findall(words) if not _CONDITION.search(said))


def _unused(words: str) -> Iterator[str]:
    for said in _unconditional(words):
        for pattern in _UNUSED:
            for match in pattern.finditer(said):
                if not re.search(r"\b(?:not|never|nor|no)\s+$", said[: match.start()], re.I):
                    yield match[1]


def _constants(words: str) -> Iterator[tuple[str, str]]:
    for said in _unconditional(words):
        for pattern in _CONSTANT:
            for match in pattern.finditer(said):
                if not re.search(r"\b(?:not|never)\b", said[: match.start()], re.I):
                    name = "" if match[1].lower() in _OUTPUT else match[1]
                    yield name, "1" if match[2].lower() in _HIGH else "0"
