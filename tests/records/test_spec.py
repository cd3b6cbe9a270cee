"""Specs: what they say of themselves, and what their digest stands for."""

from __future__ import annotations

import msgspec
import pytest

from rtlbench.records.spec import Spec
from tests.support import async_counter, plain_spec, updown


def test_ports_are_told_apart_by_direction_and_role() -> None:
    spec = async_counter()
    assert [p.name for p in spec.outputs] == ["count"]
    assert {p.name for p in spec.inputs} == {"clk", "rst_n", "en", "up"}
    assert set(spec.inputs) | set(spec.outputs) == set(spec.ports)
    reset = spec.port_of_role("reset")
    assert reset is not None
    assert (reset.name, reset.active) == ("rst_n", "low")


def test_a_role_that_no_port_has_gives_none() -> None:
    assert plain_spec("", "input a", "output y").port_of_role("clock") is None


def test_the_name_is_category_and_id() -> None:
    assert async_counter().name == "updown_counter/updown_w8_async_low_en"


def test_a_spec_comes_back_from_json_as_it_went() -> None:
    for spec in updown().values():
        assert msgspec.json.decode(msgspec.json.encode(spec), type=Spec) == spec


def test_the_digest_is_of_the_content_not_of_the_place() -> None:
    spec = async_counter()
    elsewhere = msgspec.structs.replace(spec, reference="another/folder")
    assert spec.digest() == elsewhere.digest()
    assert len({s.digest() for s in updown().values()}) == len(updown())


@pytest.mark.parametrize(
    "change", [{"prompt": "x"}, {"golden": "x"}, {"top": "x"}, {"params": {"width": 9}}]
)
def test_the_digest_changes_with_what_judges(change: dict[str, object]) -> None:
    spec = async_counter()
    assert msgspec.structs.replace(spec, **change).digest() != spec.digest()
