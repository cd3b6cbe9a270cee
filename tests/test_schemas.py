"""The schemas in docs/schemas are those of the records, and real documents keep to them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from rtlbench.runs.results import Run, RunConfig
from rtlbench.schemas import DOCUMENTS, file_name, schema
from rtlbench.statistics import Judged, by_category, summarise
from tests.support import CLASSIC, async_counter, judge, judge_all

SCHEMAS = Path(__file__).parents[1] / "docs" / "schemas"


def shipped(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / file_name(name)).read_text())
    return found


def as_json(record: msgspec.Struct) -> Any:
    return json.loads(msgspec.json.encode(record))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_shipped_schemas_are_up_to_date(name: str) -> None:
    assert shipped(name) == schema(name), "run: python -m rtlbench.schemas docs/schemas"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_schemas_are_valid_and_say_their_version(name: str) -> None:
    found = shipped(name)
    jsonschema.Draft202012Validator.check_schema(found)
    version = DOCUMENTS[name][1]
    assert found["$id"] == f"rtlbench:{name}.v{version}"
    assert found["version"] == version


def test_the_command_writes_them(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rtlbench.schemas", str(tmp_path / "new")]
    subprocess.run(command, check=True)
    made = {p.name: p.read_text() for p in (tmp_path / "new").iterdir()}
    assert made == {p.name: p.read_text() for p in SCHEMAS.iterdir()}


def test_real_verdicts_keep_to_the_schema() -> None:
    spec = async_counter()
    wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
    verdicts = [*judge_all([spec.golden, wrong, "no code", ""], spec), judge(CLASSIC)]
    assert len({v.outcome for v in verdicts}) > 1
    assert any(r.trace for v in verdicts for r in v.checks.values())
    for verdict in verdicts:
        jsonschema.validate(as_json(verdict), shipped("verdict"))


def test_the_schema_refuses_what_is_no_verdict() -> None:
    document = as_json(judge(CLASSIC))
    document["outcome"] = "maybe"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, shipped("verdict"))


def test_a_run_keeps_to_the_schema() -> None:
    judged = [Judged.of(judge(CLASSIC))]
    config = RunConfig(
        suite="rtlbench",
        suite_hash="0",
        simulator="icarus",
        seed=0,
        samples=None,
        candidates="a.jsonl",
        tools={"yosys": "0.23"},
        weights={"syntax": 0.2},
    )
    run = Run(
        status="finished",
        started="2026-01-01T00:00:00+00:00",
        rtlbench="0.1.0",
        config=config,
        isolation="none",
        total=summarise(judged),
        categories=by_category(judged),
    )
    jsonschema.validate(as_json(run), shipped("run"))


def test_a_candidate_line_keeps_to_the_schema() -> None:
    line = {"spec_id": "updown_w4_sync", "sample": 3, "rtl": "module m; endmodule", "more": 1}
    jsonschema.validate(line, shipped("candidate"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"rtl": "module m; endmodule"}, shipped("candidate"))
