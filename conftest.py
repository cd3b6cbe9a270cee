"""Which of the slow tests run."""

from __future__ import annotations

import zlib

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which of the slow tests run."""
    parser.addoption("--slow-part", default="1/1", metavar="K/N",
                     help="of the tests marked slow, the K-th of N parts (default: all of them)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the slow tests of other parts; a test's name decides which part it is in."""
    part, _, parts = config.getoption("--slow-part").partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise pytest.UsageError(f"--slow-part {part}/{parts}: give K/N, such as 2/3")
    left_out = [
        item
        for item in items
        if item.get_closest_marker("slow") is not None
        and zlib.crc32(item.nodeid.encode()) % int(parts) != int(part) - 1
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
