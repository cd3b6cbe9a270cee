"""`rtlbench doctor`: what is here, what is missing, and what stands in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_every_tool_is_listed_with_version_and_place(rtlbench: Run) -> None:
    ran = rtlbench("doctor")
    assert ran.returncode == 0, ran.stderr
    lines = {line.split()[0]: line for line in ran.stdout.splitlines() if line[:1].isalpha()}
    for name in ("python", "pyslang", "cocotb", "pytest", "yosys", "verilator", "g++", "bwrap"):
        assert any(c.isdigit() for c in lines[name].split()[1]), lines[name]
    assert "/" in lines["yosys"].split()[2]
    assert ran.stderr == ""


def test_it_says_what_is_in_force_and_what_came_of_each_attempt(rtlbench: Run) -> None:
    ran = rtlbench("doctor")
    (head,) = [line for line in ran.stdout.splitlines() if line.startswith("isolation: ")]
    tried = [line for line in ran.stdout.splitlines() if line[:9] in ("  refused", "  ESCAPED")]
    assert "limits" in head
    assert len(tried) >= 13
    if head.startswith(("isolation: bubblewrap", "isolation: namespaces")):
        assert not [line for line in tried if "ESCAPED" in line]


def test_without_walls_it_says_what_escapes(rtlbench: Run) -> None:
    report = json.loads(rtlbench("doctor", "--json", "--isolation", "none").stdout)["isolation"]
    assert report["in_force"] == "none: limits"
    escaped = {a["name"] for a in report["attempts"] if a["escaped"]}
    assert "connect to a service of this machine (TCP)" in escaped
    assert "not in force: no network" in report["notes"][0]


def test_json_has_the_tools(rtlbench: Run) -> None:
    found = json.loads(rtlbench("doctor", "--json").stdout)["tools"]
    assert {"name", "version", "origin", "note"} <= set(found[0])
    assert {"pyslang", "yosys", "iverilog", "verilator"} <= {tool["name"] for tool in found}


def test_what_stands_in_for_a_missing_tool_is_said(
    rtlbench: Run, path_without: Callable[..., str]
) -> None:
    ran = rtlbench("doctor", PATH=path_without("iverilog"))
    assert ran.returncode == 0, ran.stderr
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert any(x.startswith("iverilog missing verilator stands in") for x in lines), lines


def test_with_an_empty_path_it_lists_what_to_install(rtlbench: Run) -> None:
    ran = rtlbench("doctor", PATH="")
    assert ran.returncode == 1
    assert "no simulator: install `iverilog`" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "iverilog" in ran.stdout
    as_json = rtlbench("doctor", "--json", PATH="")
    assert as_json.returncode == 1
    versions = {tool["name"]: tool["version"] for tool in json.loads(as_json.stdout)["tools"]}
    assert versions["iverilog"] is None
    assert versions["pyslang"] is not None


def test_known_faults_of_the_simulator_are_tried(
    rtlbench: Run, path_without: Callable[..., str]
) -> None:
    told = rtlbench("doctor").stdout
    assert "  has it  $countones, $onehot, $onehot0 of an expression: written otherwise" in told
    faults = json.loads(rtlbench("doctor", "--json").stdout)["simulator_faults"]
    assert all({"name", "remedy", "present"} == set(fault) for fault in faults)
    without = rtlbench("doctor", "--json", PATH=path_without("iverilog"))
    assert json.loads(without.stdout)["simulator_faults"] == []
