"""`python -m tests.generate.odd`: the table of docs/endpoints.md, measured: each way meets a
request of its own. `--write` puts it there; `--serve SEED` has the endpoint answer our suite."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request
from rtlbench.generate.answers_file import AnswersFile, Order, generate
from rtlbench.generate.source import Generation
from rtlbench.runs.suite import read_suite
from tests.generate.odd.server import serving
from tests.generate.odd.ways import WAYS, plan

DOCS = Path(__file__).parents[3] / "docs" / "endpoints.md"
MARK = "<!-- measured by `python -m tests.generate.odd --write` -->\n"
TIMEOUT = 1.0
"""Seconds for one request."""


def met(name: str) -> tuple[str, int, int]:
    """How a request that meets a way ends, the requests on record, and those that came."""
    with serving({"task": name}) as endpoint, tempfile.TemporaryDirectory() as folder:
        asked = Generation(model="openai:odd", base_url=endpoint.url, request_timeout=TIMEOUT)
        path = Path(folder) / "answers.jsonl"
        request = Request(spec_id="task", sample=0, prompt="task", seed=1)
        try:
            usage = generate(Order(generation=asked, requests=[request], path=str(path)))
        except UserError:
            return "stops the run", len(endpoint.ids), len(endpoint.ids)
        file = AnswersFile(path)
        file.catch_up()
        answer = file.failed.get(("task", 0)) or file.read(("task", 0))
        assert usage.requests == answer.tries
        return answer.ended, answer.tries, len(endpoint.ids)


def table() -> str:
    """The ways, and what was measured of each."""
    rows = ["| way | what the endpoint does | the request ends as | requests recorded | counted |",
            "|---|---|---|---|---|"]  # fmt: skip
    for name, way in WAYS.items():
        ended, recorded, counted = met(name)
        rows.append(f"| `{name}` | {way.about} | {ended} | {recorded} | {counted} |")
    return "\n".join(rows) + "\n"


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--serve"]:
        prompts = [s.prompt for s in read_suite("rtlbench")]
        with serving(plan(int(arguments[1]), prompts)) as endpoint:
            input(f"{endpoint.url}; a line ends it ")
        return
    measured = table()
    if arguments == ["--write"]:
        before, mark, _ = DOCS.read_text().partition(MARK)
        DOCS.write_text(before + mark + measured)
    else:
        sys.stdout.write(measured)


if __name__ == "__main__":
    main(sys.argv[1:])
