"""How what waits is handed out."""

from __future__ import annotations

import threading

from rtlbench.judging.arrivals import LEAST_SHARE, Arrivals, Ask
from rtlbench.records.candidate import Candidate
from rtlbench.verifier import BATCH


def asks(group: str, count: int, company: int = BATCH) -> list[Ask]:
    """Answers to one Spec."""
    return [
        Ask((None, Candidate(text=f"{group} {k}")), group, company=company) for k in range(count)
    ]


def take(arrivals: Arrivals) -> list[str]:
    """The groups of the next batch."""
    return [a.group for a in arrivals.take() or []]


def test_answers_to_one_spec_go_together() -> None:
    arrivals = Arrivals(0.0)
    first, second = asks("a", 40), asks("b", 40)
    arrivals.add(a for pair in zip(first, second, strict=True) for a in pair)
    assert take(arrivals) == ["a"] * 40 + ["b"] * (BATCH - 40)
    assert take(arrivals) == ["b"] * (80 - BATCH)


def test_two_that_wait_share() -> None:
    arrivals = Arrivals(0.2)
    taken: list[list[str]] = []
    threads = [threading.Thread(target=lambda: taken.append(take(arrivals))) for _ in range(2)]
    for thread in threads:
        thread.start()
    while arrivals.takers < 2:
        pass
    arrivals.add(asks("a", 2 * LEAST_SHARE))
    for thread in threads:
        thread.join()
    assert [len(t) for t in taken] == [LEAST_SHARE, LEAST_SHARE]


def test_what_broke_goes_first_and_in_no_more_company_than_it_may() -> None:
    arrivals = Arrivals(0.0)
    arrivals.add(asks("a", 5))
    arrivals.put_back(asks("b", 1, company=1))
    arrivals.put_back(asks("c", 3, company=2))
    assert take(arrivals) == ["c", "c"]
    assert take(arrivals) == ["c", "a"]
    assert take(arrivals) == ["b"]
    assert take(arrivals) == ["a"] * 4


def test_nothing_more_once_closed_and_empty() -> None:
    arrivals = Arrivals(60.0)
    arrivals.add(asks("a", 1))
    arrivals.close()
    assert take(arrivals) == ["a"]
    assert arrivals.take() is None
