"""What runs inside the simulator: starts the frames, waits for the last, hands over the result.

The result is the evidence for a pass: sealed by the run's key, with the number of comparisons
really made. The key is taken out of the handover file before the design's time 0.

cocotb starts this in place of its test runner (PYGPI_USERS), and it calls cocotb's interface to
the simulator itself: of triggers, tasks, handles and reports nothing is needed here, and importing
them takes several times as long as simulating a batch. For the same reason neither json nor typing
is imported (docs/performance.md).
"""

from __future__ import annotations

import os
from io import FileIO

from cocotb import simulator

from rtlbench.simulation.in_simulator import HANDOVER_FILE, seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cocotb.simulator import sim_obj

TICK_EXPONENT = -7
"""A tick is ten to this power of a second: 100 ns."""
DEPOSIT = 0
"""cocotb's number for setting a value as an assignment would."""


def start() -> None:
    """Play all frames back; what each lane did is handed over at the end."""
    file, key, lanes = _take()
    top = _of(simulator.get_root_handle(os.environ["COCOTB_TOPLEVEL"]))
    stop = _tick(top)

    def read() -> None:
        simulator.register_readonly_callback(hand_over)

    def hand_over() -> None:
        stop()
        body = _results(top, lanes).encode()
        file.seek(0)
        file.truncate(0)
        file.write(seal(key, body) + body)
        simulator.stop_simulator()

    simulator.register_value_change_callback(_named(top, "done"), read, simulator.RISING)


def _tick(top: sim_obj) -> Callable[[], None]:
    """Begin to tick, where the wrapper keeps no time of its own; what comes back ends it."""
    tick = top.get_handle_by_name("tick")
    if tick is None:
        return lambda: None
    period = int(10 ** (TICK_EXPONENT - simulator.get_precision()))
    clock = simulator.clock_create(tick)

    def begin() -> None:
        clock.start(period, period // 2, False, DEPOSIT)

    simulator.register_rwsynch_callback(begin)
    return clock.stop  # and is held by it: a clock that nothing holds stands still


def _take() -> tuple[FileIO, bytes, list[int]]:
    """The handover file, now empty and without a name, the key and each part's lanes."""
    file = FileIO(HANDOVER_FILE, "r+")
    key, *lanes = file.readall().split()
    file.truncate(0)
    os.unlink(HANDOVER_FILE)  # noqa: PTH108 - importing pathlib takes long
    return file, key, [int(n) for n in lanes]


def _results(top: sim_obj, lanes: Sequence[int]) -> str:
    """What the lanes of each part did, as JSON: numbers, digits and a name."""
    name = f"{simulator.get_simulator_product().strip()} "
    name += simulator.get_simulator_version().strip()
    name = "".join(c for c in name if c.isalnum() or c in " .-+_()[]/")
    parts = [_result(_named(top, f"part_{k}"), n, name) for k, n in enumerate(lanes)]
    return f"[{','.join(parts)}]"


def _result(part: sim_obj, lanes: int, name: str) -> str:
    seen = _digits(_named(part, "seen"))[::-1]
    first, got = _named(part, "first"), _named(part, "got")
    mismatches = ",".join(
        f'"{k}":[{int(_digits(_element(first, k)), 2)},"{_digits(_element(got, k))}"]'
        for k in range(lanes)
        if seen[k] != "0"
    )
    return (
        f'{{"compared":{int(_digits(_named(part, "compared")), 2)},'
        f'"caught":{int(_digits(_named(part, "caught")), 2)},'
        f'"lanes":{lanes},"mismatches":{{{mismatches}}},"simulator":"{name}"}}'
    )


def _named(parent: sim_obj, name: str) -> sim_obj:
    return _of(parent.get_handle_by_name(name))


def _element(array: sim_obj, k: int) -> sim_obj:
    return _of(array.get_handle_by_index(k))


def _of(handle: sim_obj | None) -> sim_obj:
    if handle is None:
        raise LookupError("the wrapper is not what was written")
    return handle


def _digits(signal: sim_obj) -> str:
    return signal.get_signal_val_binstr().upper()
