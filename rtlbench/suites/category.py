"""Which of the suite's categories an instruction belongs to, by the words that name such circuits.

Words count where they stand: what a thing is called is said first, so a phrase in the opening
weighs more than one further down, and the module's name is a phrase of the opening too. A phrase
of several words says more than a word. Where no phrase is found, the category is `other`.

Guarantee: linear in the text, of which the first `READ` characters count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

OTHER = "other"
OPENING = 60
"""Words in which a description says what it describes."""
READ = 2000
OPENING_WEIGHT = 4

PHRASES: dict[str, str] = {
    "clock_divider": "clock divider, divided clock, frequency divider, divide the clock, clk div,"
    " clkdiv, divide clk, prescaler, tick generator, give a tick, clock generator, baud clock,"
    " clk gen, n duty cycle, fractional tick, divider input, programmable divider, phase"
    " accumulator, fractional divider, tick rate, cycle tick, fractional rate, strobe generator,"
    " clock enable generator, one tick every",
    "load_enable": "load enable, loadable counter, loadable register, register with enable,"
    " register with load, register with clock enable, enable register, set clear, byte enable,"
    " byte can be written, whose byte, nibble can be, register file, regfile, double buffer,"
    " double buffered, buffered register, shadow register, register with set, flag register,"
    " up counter with parallel, counter with parallel load, with a clock enable, byte register,"
    " storage register, loadable up counter, small register file, counter modulo n with parallel,"
    " reload register, with reload register, read before write, settable register, n bit register,"
    " register organised as",
    "updown_counter": "up down counter, updown, updown counter, up down, bidirectional counter,"
    " down counter, up counter, binary counter, reversible counter, reversible, up and down,"
    " ring counter, johnson counter, bcd counter, decade counter, gray counter, gray code counter,"
    " modulo n counter, mod n counter, n bit counter, twisted ring, both direction, counter",
    "shift_register": "shift register, shifter, barrel shifter, serial to parallel,"
    " parallel to serial, serial in, parallel out, serializer, deserializer, serialiser, lfsr,"
    " linear feedback, linear feedback shift register, pseudo random, circular shift, rotate,"
    " rotator, rotating, siso, sipo, piso, pipo, bit stream, n bit serially, shift left,"
    " shift right, universal shift, shift reg",
    "edge_detect": "edge detector, edge detect, edge detection, edge capture, debounce, debouncer,"
    " debounced, glitch filter, glitch, pulse stretcher, stretch pulse, report edge,"
    " report rising edge, report falling edge, report rising and falling, report each rising edge,"
    " synchroniser, synchronizer, disturbance, majority of the last, one shot running,"
    " retriggerable digital, edge event, edge split, remember for each, rising edge n to n,"
    " falling edge n to n, input edge, level to pulse, leaky filter, sync edge,"
    " change detector, async edge, either edge, edge flag, capture rising edge,"
    " capture falling edge,"
    " stretche pulse, pulse on it, transition in either, synchronised level,"
    " brings the asynchronous",
    "fsm": "state machine, finite state machine, fsm, moore machine, mealy machine, moore, mealy,"
    " sequence detector, sequence recogniser, traffic light, vending machine, bit sequence,"
    " elevator, lock controller, gate controller, gate control, handshake initiator,"
    " handshake target, handshake responder, four phase handshake, two phase handshake,"
    " initiating side, responding side, hs initiator, hs target, lifting gate",
    "fifo": "fifo, first in first out, show ahead, fifo memory, ring buffer, event queue,"
    " circular buffer, elastic buffer, stream fifo, dual clock fifo, asynchronous fifo,"
    " async fifo, sync fifo, first word fall through, fall through",
    "arbiter": "arbiter, arbitration, round robin, requester, request line, fixed priority,"
    " priority arbiter, round robin arbiter",
    "cache": "cache, tag store, set associative, direct mapped, write back, write through,"
    " cache line, tlb, least recently used, tag in the upper n, way tag",
    "handshake": "valid ready, ready valid, skid buffer, pipeline register, pipe register, credit,"
    " credit counter, width converter, handshake on both, axi stream,"
    " backpressure, valid ready handshake, sender and a receiver, n bit to n bit, n word elastic,"
    " word elastic buffer",
    "arithmetic": "multiplier, multiply, adder, subtractor, alu, crc, cyclic redundancy,"
    " sequential divider, unsigned integer, quotient, dividend, accumulator, saturating,"
    " binary to bcd, bcd conversion, bin2bcd, decimal digit, square root, comparator,"
    " two complement integer, floating point, carry lookahead, ripple carry, product, divider for",
    "serial": "uart, uart tx, uart rx, spi, spi controller, i2c, two wire bus, start bit, stop bit,"
    " usart, serial interface, serial port, scl, mosi, bit engine, uart transmitter, uart receiver",
    "memory": "ram, rom, dual port, single port, lookup table, bypass, random access, sram,"
    " memory, register file with bypass, ram with, rom with, block ram, read port,"
    " simple dual port, bypass reg, written back, register number, n register of n bit",
    "timer_pwm": "pwm, pulse width, pulse width modulator, watchdog, watchdog timer, compare match,"
    " timer, one shot timer, a compare unit, compare unit, interval timer, stopwatch,"
    " real time clock, compare timer,"
    " periodic timer, timer with compare, with compare match",
}
"""By category, phrases that name such a circuit: `n` is any number, plurals are left out."""

CATEGORIES = (*PHRASES, OTHER)


def _by_first_word() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Phrases with their categories, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for category, phrases in PHRASES.items():
        for phrase in phrases.split(", "):
            words = tuple(phrase.split())
            found.setdefault(words[0], []).append((words, category))
    for known in found.values():
        known.sort(key=lambda pair: -len(pair[0]))
    return found


_BY_FIRST_WORD = _by_first_word()
_MODULE = re.compile(r"\bmodule\s+(?:automatic\s+)?([A-Za-z_]\w*)")
_WORD = re.compile(r"\d+|[a-z]+(?:\d[a-z]+)?")
_PLURAL = 4
"""Letters from which on a final `s` is taken for a plural."""


def categorise(instruction: str, code: str = "") -> str:
    """The category of a task, one of `CATEGORIES`.

    Args:
        instruction: The words.
        code: An answer; the name of its module counts as if the words began with it.
    """
    name = _MODULE.search(code)
    opening = f"{name.group(1)} . " if name else ""
    words = _words(f"{opening}{instruction[:READ]}")
    points = dict.fromkeys(PHRASES, 0)
    for phrase, category, is_early in _found(words):
        points[category] += len(phrase) ** 2 * (OPENING_WEIGHT if is_early else 1)
    best = max(points, key=lambda c: points[c])
    return best if points[best] else OTHER


def _words(text: str) -> list[str]:
    found = _WORD.findall(text.lower())
    return ["n" if w.isdigit() else _singular(w) for w in found]


def _singular(word: str) -> str:
    plural = len(word) >= _PLURAL and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word


def _found(words: list[str]) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Each phrase once, where it stands first; within a longer one it does not count."""
    seen: set[tuple[str, ...]] = set()
    at = 0
    while at < len(words):
        for phrase, category in _BY_FIRST_WORD.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                if phrase not in seen:
                    seen.add(phrase)
                    yield phrase, category, at < OPENING
                at += len(phrase) - 1
                break
        at += 1
