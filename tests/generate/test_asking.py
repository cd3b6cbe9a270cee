"""What a model needs can be said: words around the task, examples, parameters and headers; all of
it reaches the endpoint, and all but the secrets is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.answer import requests_for
from rtlbench.generate.openai_endpoint import Endpoint
from rtlbench.generate.source import Generation, generation, notes_on
from rtlbench.generate.wording import Words
from rtlbench.runs.suite import read_suite
from tests.generate.odd.server import OddEndpoint, serving

SECRET = "very-secret-token-0123456789"


@pytest.fixture
def endpoint() -> Iterator[OddEndpoint]:
    with serving({}) as found:
        yield found


@pytest.fixture
def ask(endpoint: OddEndpoint) -> Callable[..., Any]:
    """Asks for two tasks with these options, and gives the answers."""

    def run(**options: Any) -> Any:
        given = {"model": "openai:m", "base_url": endpoint.url, "concurrency": 1, **options}
        asked = generation(given)
        assert asked is not None
        suite = read_suite("rtlbench")
        requests = requests_for(suite[:2], 1, 0, Words(asked, suite).conversation)
        return list(Endpoint(asked, "m").answers(requests))

    return run


def test_the_system_and_examples_stand_before_the_task(
    endpoint: OddEndpoint, ask: Any, tmp_path: Path
) -> None:
    (tmp_path / "s.txt").write_text("Be brief.")
    plain = ask()
    said = ask(system=str(tmp_path / "s.txt"), few_shot=2)
    first = read_suite("rtlbench")[0]
    turns = endpoint.bodies[2]["messages"]
    assert [t["role"] for t in turns] == [
        "system", "user", "assistant", "user", "assistant", "user"]  # fmt: skip
    assert (turns[0]["content"], turns[-1]["content"]) == ("Be brief.", first.prompt)
    families = {s.prompt: s.family for s in read_suite("rtlbench")}
    assert first.family not in {families[t["content"]] for t in turns[1:-1:2]}
    assert said[0].prompt_hash != plain[0].prompt_hash


@pytest.mark.parametrize(
    ("template", "turns"),
    [
        ("Write {{ task.top }}:\n{{ task.prompt }}", [("user", "Write {top}:\n{prompt}")]),
        ('[{"role": "system", "content": "x"}, {"role": "user", "content": '
         "{{ task.prompt | tojson }}}]", [("system", "x"), ("user", "{prompt}")]),
    ],
)  # fmt: skip
def test_a_template_makes_a_message_or_several(
    template: str, turns: list[tuple[str, str]], endpoint: OddEndpoint, ask: Any, tmp_path: Path
) -> None:
    (tmp_path / "t.j2").write_text(template)
    ask(template=str(tmp_path / "t.j2"))
    spec = read_suite("rtlbench")[0]
    top, prompt = spec.top, spec.prompt
    expected = [(r, c.replace("{top}", top).replace("{prompt}", prompt)) for r, c in turns]
    assert [(t["role"], t["content"]) for t in endpoint.bodies[0]["messages"]] == expected


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{ task.nothing }}", "--template: cannot be rendered for .*nothing"),
        ("{% if %}", "--template: line 1"),
        ("{{ 1 / 0 }}", "--template: cannot be rendered"),
        ('["x"]', "begins as a list of messages and is none"),
        ("{{ ''.__class__.__mro__ }}", "--template: cannot be rendered"),
    ],
)
def test_a_template_that_raises_is_one_message(
    template: str, told: str, ask: Any, tmp_path: Path, endpoint: OddEndpoint
) -> None:
    (tmp_path / "t.j2").write_text(template)
    with pytest.raises(UserError, match=told):
        ask(template=str(tmp_path / "t.j2"))
    assert not endpoint.ids


def test_parameters_are_added_and_left_out(endpoint: OddEndpoint, ask: Any) -> None:
    answers = ask(stop=("endmodule", "```"), extra_body='{"top_k": 5, "b": {"c": 1}}',
                  omit="temperature, seed")  # fmt: skip
    (body, _) = endpoint.bodies
    assert (body["stop"], body["top_k"], body["b"]) == (["endmodule", "```"], 5, {"c": 1})
    assert not {"temperature", "seed"} & body.keys()
    sampling = answers[0].sampling
    assert (sampling.stop, sampling.omitted) == (("endmodule", "```"), ("seed", "temperature"))
    assert sampling.extra_body == '{"b":{"c":1},"top_k":5}'


@pytest.mark.parametrize("refused", [{"temperature"}, {"seed", "top_p"}, {"max_tokens"}])
def test_what_the_endpoint_refuses_by_name_is_left_out_once_and_noted(
    refused: set[str], endpoint: OddEndpoint, ask: Any
) -> None:
    endpoint.refuses = frozenset(refused)
    answers = ask()
    assert [a.ended for a in answers] == ["answered"] * 2
    assert [set(a.omitted) for a in answers] == [refused] * 2
    assert [a.tries for a in answers] == [1 + len(refused), 1]
    assert len(endpoint.ids) == 2 + len(refused)


def test_a_query_and_headers_reach_the_endpoint_and_stay_secret(
    endpoint: OddEndpoint, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWN_KEY", SECRET)
    answers = ask(base_url=f"{endpoint.url}?api-version=2024-06-01&x=1",
                  header=("api-key: $OWN_KEY", "X-Team: rtl"))  # fmt: skip
    assert endpoint.paths[0] == "/v1/chat/completions?api-version=2024-06-01&x=1"
    got = {n.lower(): v for n, v in endpoint.headers[0].items()}
    assert (got["api-key"], got["x-team"]) == (SECRET, "rtl")
    assert SECRET not in repr(answers)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"header": (SECRET,)}, "--header: give 'NAME: VALUE'"),
        ({"header": (f"a b: {SECRET}",)}, "--header: give 'NAME: VALUE'"),
        ({"header": (f"a: {SECRET}\u00e9",)}, "--header a: its value can be none"),
        ({"header": ("a: $NO_SUCH_VARIABLE",)}, "nothing in the variable NO_SUCH_VARIABLE"),
        ({"header": (f"a: ${SECRET}",)}, "nothing in a variable of that name"),
        ({"extra_body": "[1]"}, "--extra-body"),
        ({"omit": "temprature"}, "--omit"),
        ({"few_shot": 10_000}, "--few-shot 10000: the suite has"),
        ({"system": "nope.txt"}, "--system nope.txt: cannot read it"),
    ],
)
def test_what_makes_no_sense_is_said(options: dict[str, Any], told: str, ask: Any) -> None:
    with pytest.raises(UserError, match=told) as raised:
        ask(**options)
    assert SECRET not in str(raised.value)


def test_greedy_samples_are_alike_and_it_is_said() -> None:
    greedy = Generation(model="m", temperature=0)
    assert "5 samples of a task will be alike" in notes_on(greedy, 5)[0]
    assert not notes_on(greedy, 1)
    assert not notes_on(Generation(model="m"), 5)


@pytest.mark.slow
def test_a_run_records_how_it_asked(
    endpoint: OddEndpoint, small_suite: Any, rtlbench: Any, tmp_path: Path
) -> None:
    (tmp_path / "s.txt").write_text("Be brief.")
    ran = rtlbench(
        "bench", small_suite.option, "--model", "openai:m", "--base-url", endpoint.url, "-n", 1,
        "--system", tmp_path / "s.txt", "--stop", "A", "--stop", "B", "--header", "k: $OWN_KEY",
        "--temperature", 0, "--samples", 2, "--results", tmp_path / "r", OWN_KEY=SECRET,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "note: --temperature 0" in ran.stdout
    run = json.loads((tmp_path / "r" / "run.json").read_text())
    wording = run["config"]["wording"]
    assert wording["system"] == "Be brief."
    assert wording["example"] == f"Be brief.\n\n{small_suite.specs[0].prompt}"
    assert run["config"]["sampling"]["stop"] == ["A", "B"]
    assert run["usage"]["requests"] == 10
    command = run["command"]
    assert (command["headers"], command["options"]["stop"]) == (["k"], ["A", "B"])
    assert run["sampled_with"].keys() == {"openai"}
    for path in (tmp_path / "r").iterdir():
        assert SECRET.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_a_run_is_made_again_from_its_record_and_compared_on_the_same_grounds(
    endpoint: OddEndpoint, small_suite: Any, rtlbench: Any, tmp_path: Path
) -> None:
    asked = [small_suite.option, "--model", "openai:m", "--base-url", endpoint.url,
             "--samples", 2, "--top-p", 0.5]  # fmt: skip
    one, again, hot, recorded = (tmp_path / n for n in ("one", "again", "hot", "recorded"))
    first = rtlbench("bench", *asked, "-n", 1, "--results", one, "-k", "updown_w4")
    assert first.returncode == 0, first.stdout + first.stderr
    assert rtlbench("bench", "--like", one, "-n", 1, "--results", again).returncode == 0
    runs = [json.loads((f / "run.json").read_text()) for f in (one, again)]
    assert runs[0]["command"] == runs[1]["command"]
    assert runs[0]["command"]["keyword"] == "updown_w4"
    assert runs[0]["total"]["answers"] == runs[1]["total"]["answers"] > 0
    other = rtlbench("bench", "--like", one / "run.json", "-n", 1, "--results", hot, "--top-p", 0.9)
    assert other.returncode == 0, other.stderr
    assert rtlbench("compare", one, again).returncode == 0
    assert "sampling.top_p: 0.9 and 0.5" in rtlbench("compare", one, hot).stderr
    answers = again / "answers.jsonl"
    kept = rtlbench("bench", small_suite.option, "--candidates", answers, "-n", 1,
                    "--samples", 2, "--results", recorded, "-k", "updown_w4")  # fmt: skip
    assert kept.returncode == 0, kept.stderr
    config = json.loads((recorded / "run.json").read_text())["config"]
    assert (config["sampling"], config["generator"]["model"]) == (
        runs[0]["config"]["sampling"], "m")  # fmt: skip
    assert rtlbench("compare", one, recorded).returncode == 0
    assert "sampling.top_p" in rtlbench("compare", recorded, hot).stderr
