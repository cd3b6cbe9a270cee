"""`rtlbench combine` through its front door: what gets in, how often, and what is told of it."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from rtlbench.dataset.combine_recipe import read_recipe
from rtlbench.errors import UserError
from tests.conftest import SmallSuite

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
INVERTER = "module inv(input a, output y);\n    assign y = ~a;\nendmodule\n"
RENAMED = "module other(input p,output q); assign q=~p; // the same\nendmodule\n"
Command = Callable[..., subprocess.CompletedProcess[str]]
OPEN = ("--duplicates", "none", "--against", "none")


def verified(
    number: int, source: str = "web", category: str = "fsm", text: str = "", **about: Any
) -> dict[str, Any]:
    """A record as the filter writes it."""
    plain = f"module m{number}(input a, output y);\n    assign y = a;\nendmodule\n"
    output = text or plain
    place = {
        "score": 1.0,
        "outcome": "pass",
        "functional": True,
        "category": category,
        "candidate_hash": hashlib.sha256(output.encode()).hexdigest(),
        **about,
    }
    metadata = {"source": source, "rtlbench": place}
    return {"instruction": f"Task {number}", "output": output, "metadata": metadata}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(r)}\n" for r in rows))
    return path


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def numbers(path: Path) -> list[int]:
    return [int(r["instruction"].split()[1]) for r in lines_of(path)]


def beside(out: Path, ending: str) -> Path:
    return out.with_name(f"{out.name}.{ending}")


def manifest_of(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(beside(out, "manifest.json").read_text())
    return found


def test_sets_become_one_and_the_manifest_accounts_for_every_record(
    tmp_path: Path, rtlbench: Command
) -> None:
    one = write(tmp_path / "one.jsonl", [verified(k) for k in range(6)])
    two = write(tmp_path / "two.jsonl", [verified(k, "night", "fifo") for k in range(6, 10)])
    two.write_text(two.read_text() + "no record\n")
    call = ("combine", one, two, *OPEN, "--weight", "night=2", "--cap", "fsm=3")
    outs = [tmp_path / name / "v3.jsonl" for name in ("a", "b")]
    for out in outs:
        ran = rtlbench(*call, "--out", out)
        assert ran.returncode == 0, ran.stderr
    out = outs[0]
    found = numbers(out)
    assert Counter(found)[7] == 2
    assert len(found) == len(set(found)) + 4 == 11
    assert found == sorted(found)  # the inputs' order
    made = manifest_of(out)
    jsonschema.validate(made, json.loads((SCHEMAS / "manifest.v4.json").read_text()))
    assert made["total"] == {"records": 10, "removed": 3, "kept": 7, "written": 11}
    assert made["sources"]["night"] == {"records": 4, "removed": 0, "kept": 4, "written": 8}
    assert made["categories"]["fsm"] == {"records": 6, "removed": 3, "kept": 3, "written": 3}
    assert made["removed"] == {"cap.category": 3, "broken": 1}
    assert made["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert [(i["name"], i["sha256"]) for i in made["inputs"]] == [
        (p.name, hashlib.sha256(p.read_bytes()).hexdigest()) for p in (one, two)
    ]
    removed = lines_of(beside(out, "removed.jsonl"))
    assert {r["where"] for r in removed} >= {"two.jsonl:5"}
    assert Counter(r["reason"] for r in removed) == made["removed"]
    for ending in ("manifest.json", "removed.jsonl"):
        assert beside(outs[0], ending).read_bytes() == beside(outs[1], ending).read_bytes()
    assert outs[0].read_bytes() == outs[1].read_bytes()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"metadata": {"source": "web"}}, "it has no metadata.rtlbench"),
        ({"output": "module m(); endmodule"}, "its answer is not the one that was judged"),
        ({"metadata": {"rtlbench": {"score": "high"}}}, "metadata.rtlbench: "),
    ],
)
def test_what_no_filter_has_judged_is_refused_in_one_message(
    tmp_path: Path, command: Command, change: dict[str, Any], told: str
) -> None:
    raw = write(tmp_path / "raw.jsonl", [verified(0), {**verified(1), **change}])
    out = tmp_path / "v3.jsonl"
    ran = command("combine", raw, "--out", out, *OPEN)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"rtlbench: raw.jsonl:2: not verified ({told}")
    assert "rtlbench filter" in ran.stderr
    assert not list(tmp_path.glob("v3*"))
    allowed = command("combine", raw, "--out", out, *OPEN, "--allow-unverified")
    assert allowed.returncode == 0, allowed.stderr
    assert manifest_of(out)["inputs"][0]["unverified"] == 1
    assert manifest_of(out)["total"]["written"] == 2


def test_what_the_filter_refused_or_scored_low_stays_out(
    tmp_path: Path, command: Command
) -> None:
    rows = [verified(0), verified(1, score=0.7), verified(2, refused="ports.unused-input")]
    source = write(tmp_path / "set.jsonl", rows)
    out = tmp_path / "v3.jsonl"
    assert command("combine", source, "--out", out, *OPEN).returncode == 0
    assert numbers(out) == [0]
    assert manifest_of(out)["removed"] == {"refused": 1, "score": 1}
    assert command("combine", source, "--out", out, *OPEN, "--threshold", "0.7").returncode == 0
    assert numbers(out) == [0, 1]


@pytest.mark.parametrize(
    ("accept", "kept"), [("proven", [0, 4]), (None, [0, 1, 4]), ("unproven", [0, 1, 2, 3, 4])]
)
def test_a_tier_below_what_is_accepted_stays_out_and_the_manifest_says_which(
    tmp_path: Path, command: Command, accept: str | None, kept: list[int]
) -> None:
    """The last two are from before there were tiers."""
    unknown = {"functional": None}
    about: list[dict[str, Any]] = [
        {"tier": "proven"}, {"tier": "attested", **unknown}, {"tier": "unproven"}, unknown, {},
    ]  # fmt: skip
    rows = [verified(k, **said) for k, said in enumerate(about)]
    out = tmp_path / "v3.jsonl"
    more = ["--accept", accept] if accept else []
    ran = command("combine", write(tmp_path / "set.jsonl", rows), "--out", out, *OPEN, *more)
    assert ran.returncode == 0, ran.stderr
    assert numbers(out) == kept
    made = manifest_of(out)
    assert made["recipe"]["accept"] == accept or accept is None
    assert sum(made["tiers"].values()) == len(kept)
    assert made["removed"] == ({"tier": 5 - len(kept)} if len(kept) < 5 else {})


def test_a_recipe_says_the_same_as_options_and_options_go_first(
    tmp_path: Path, command: Command
) -> None:
    rows = [verified(k, "night" if k % 2 else "web", "fifo" if k < 8 else "fsm") for k in range(20)]
    source = write(tmp_path / "set.jsonl", rows)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('balance = 1\nduplicates = "none"\nagainst = []\n[cap]\n"source:night" = 3\n')
    by_file, by_words = tmp_path / "file.jsonl", tmp_path / "words.jsonl"
    words = (*OPEN, "--balance", "1", "--cap", "night=3")
    assert command("combine", source, "--recipe", recipe, "--out", by_file).returncode == 0
    assert command("combine", source, *words, "--out", by_words).returncode == 0
    assert by_file.read_bytes() == by_words.read_bytes()
    shares = manifest_of(by_file)["categories"]
    assert shares["fifo"]["kept"] == shares["fsm"]["kept"]
    assert manifest_of(by_file)["sources"]["night"]["kept"] <= 3
    command("combine", source, "--recipe", recipe, "--cap", "night=0", "--out", by_file)
    assert all(n % 2 == 0 for n in numbers(by_file))


def test_another_seed_makes_another_choice_of_the_same_size(
    tmp_path: Path, command: Command
) -> None:
    source = write(tmp_path / "set.jsonl", [verified(k) for k in range(60)])
    made = []
    for seed in ("1", "2"):
        out = tmp_path / f"{seed}.jsonl"
        command("combine", source, *OPEN, "--cap", "fsm=20", "--seed", seed, "--out", out)
        made.append(numbers(out))
    assert len(made[0]) == len(made[1]) == 20
    assert made[0] != made[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("gone.jsonl",), "gone.jsonl: cannot read it"),
        (("set.jsonl", "--out", "set.jsonl"), "that is one of the inputs"),
        (("set.jsonl", "--out", "v3.txt"), "end it in .jsonl"),
        (("set.jsonl", "--weight", "web"), "--weight web: give NAME=NUMBER"),
        (("set.jsonl", "--weight", "web=-1"), "weight source:web=-1: give a number from 0"),
        (("set.jsonl", "--cap", "fsm=1.5"), "options: Expected `int`"),
        (("set.jsonl", "--per-function", "0"), "per-function 0: give a number of at least 1"),
        (("set.jsonl", "--balance", "0.5"), "balance 0.5: give a number of at least 1"),
        (("set.jsonl", "--recipe", "gone.toml"), "gone.toml: cannot read the recipe"),
        (("set.jsonl", "--against", "nosuch"), "nosuch"),
    ],
)
def test_a_mistake_is_one_message(
    tmp_path: Path, command: Command, arguments: tuple[str, ...], told: str
) -> None:
    write(tmp_path / "cwd" / "set.jsonl", [verified(0)])
    ran = command("combine", *arguments)
    assert ran.returncode == 2, ran.stdout
    assert told in ran.stderr
    assert ran.stderr.count("\n") == 1, ran.stderr


def test_likes_of_earlier_records_and_of_benchmark_members_stay_out(
    tmp_path: Path, command: Command, small_suite: SmallSuite
) -> None:
    golden = small_suite.specs[0].golden
    one = write(tmp_path / "one.jsonl", [verified(0, text=INVERTER), verified(1)])
    copy = re.sub(r"\bq\b", "value", golden)
    two = write(tmp_path / "two.jsonl", [verified(2, text=RENAMED), verified(3, text=copy)])
    against = small_suite.option.partition("=")[2]
    out = tmp_path / "v3.jsonl"
    ran = command("combine", one, two, "--out", out, "--against", against, "--per-function", 1)
    assert ran.returncode == 0, ran.stderr
    assert numbers(out) == [0, 1]
    removed = {r["where"]: r for r in lines_of(beside(out, "removed.jsonl"))}
    assert removed["two.jsonl:1"]["reason"] == "duplicate.exact"
    assert removed["two.jsonl:1"]["like"] == "one.jsonl:1"
    assert removed["two.jsonl:2"]["reason"] == "contaminated.exact"
    made = manifest_of(out)
    assert made["resembled"] == {removed["two.jsonl:2"]["like"]: 1}
    assert made["recipe"]["against"] == ["rtlbench"]
    assert str(tmp_path) not in beside(out, "manifest.json").read_text()


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ((), [0, 1, 2, 4, 6]),  # 3: words and code as 0; 5: the fifth of a function
        (("--per-function", "1"), [0, 6]),
        (("--duplicates", "exact"), [0, 1, 2, 4, 5, 6]),
        (("--duplicates", "exact", "--per-function", "1"), [0, 2, 4, 5, 6]),
        (("--duplicates", "none"), [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_of_one_function_a_few_stay_in_other_words_or_another_style(
    tmp_path: Path, command: Command, options: tuple[str, ...], kept: list[int]
) -> None:
    rows = [
        verified(0, text=INVERTER),
        verified(1, text=RENAMED),
        verified(2, text=INVERTER.replace("~a", "a ^ 1'b1")),
        {**verified(3, text=RENAMED), "instruction": "task  0"},
        verified(4, text=INVERTER.replace("~a", "!a")),
        verified(5, text=INVERTER.replace("~a", "a ? 1'b0 : 1'b1")),
        verified(6),
    ]
    order = {r["output"] + r["instruction"]: k for k, r in enumerate(rows)}
    out = tmp_path / "v3.jsonl"
    source = write(tmp_path / "set.jsonl", rows)
    ran = command("combine", source, "--out", out, "--against", "none", *options)
    assert ran.returncode == 0, ran.stderr
    assert [order[r["output"] + r["instruction"]] for r in lines_of(out)] == kept
    likes = {r["like"] for r in lines_of(beside(out, "removed.jsonl"))}
    assert likes <= {"set.jsonl:1"}


def test_a_recipe_with_an_unknown_word_names_it(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("treshold = 0.7\n")
    with pytest.raises(UserError, match="treshold"):
        read_recipe(recipe, {})


def test_a_name_in_a_recipe_that_no_record_has_is_told(tmp_path: Path, command: Command) -> None:
    source = write(tmp_path / "set.jsonl", [verified(0)])
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("[cap]\nnihgt = 3\n")
    ran = command("combine", source, *OPEN, "--recipe", recipe, "--out", tmp_path / "v3.jsonl")
    assert ran.returncode == 0
    assert "cap source:nihgt: no record has it" in ran.stdout


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_left_out_stands_in_the_order_of_the_input(
    tmp_path: Path, command: Command, workers: str
) -> None:
    rows = [verified(k, score=0.5) if k % 3 else {"no": "record"} for k in range(150)]
    write(tmp_path / "cwd" / "set.jsonl", rows)
    out = tmp_path / "cwd" / "out.jsonl"
    ran = command("combine", "set.jsonl", "--out", out.name, "--against", "none",
                  "--duplicates", "none", "--allow-empty", "-n", workers)
    assert ran.returncode == 0, ran.stderr
    places = [r["where"] for r in lines_of(beside(out, "removed.jsonl"))]
    assert places == [f"set.jsonl:{k}" for k in range(1, len(rows) + 1)]
