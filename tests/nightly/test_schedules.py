"""The ready-made schedules parse, start at 02:00, and give commands and options that there are."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from rtlbench.cli.main import cli
from rtlbench.nightly.options import OPTIONS, variable

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "training" / "nightly"
PLACE = "/opt/rtlbench"
WORKFLOW = ROOT / ".github" / "workflows" / "nightly.yml"
CRONTAB, SERVICE, TIMER = (
    FOLDER / name for name in ("crontab", "rtlbench-nightly.service", "rtlbench-nightly.timer")
)


def command_of(line: str) -> str:
    """The command that a line gives; its own parser reads all of it, and nothing is done."""
    program, *argv = shlex.split(line)
    assert Path(program).name == "rtlbench"
    ran = CliRunner().invoke(cli, [*argv, "--help"], prog_name="rtlbench")
    assert ran.exit_code == 0, ran.output
    usage = re.match(r"Usage: rtlbench ([a-z -]+?) \[OPTIONS\]", ran.output)
    assert usage is not None, ran.output
    return usage[1]


def cron_line() -> tuple[list[str], str]:
    """The times and the command of the one job."""
    lines = [ln for ln in CRONTAB.read_text().splitlines() if ln and not ln.startswith("#")]
    (job,) = [ln for ln in lines if not re.match(r"\w+\s*=", ln)]
    *times, command = job.split(maxsplit=5)
    return times, command


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text())
    return parser


def workflow() -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(WORKFLOW.read_text())
    return found


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workflow()["jobs"]["nightly"]["steps"]
    return found


def test_an_option_that_there_is_not_would_be_seen() -> None:
    with pytest.raises(AssertionError, match="No such option"):
        command_of("rtlbench nightly --no-such")


def test_the_crontab_starts_the_job_at_two() -> None:
    times, command = cron_line()
    assert times == ["0", "2", "*", "*", "*"]
    assert "%" not in command, "cron takes % for the end of the line"
    assert CRONTAB.read_text().endswith("\n")


@pytest.mark.parametrize("has_settings", [True, False])
def test_the_crontabs_command_runs_the_job_with_its_settings(
    tmp_path: Path, has_settings: bool
) -> None:
    place = tmp_path / "place with blanks"
    program = place / ".venv" / "bin" / "rtlbench"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$CT_RETRAIN_SNAPSHOT:$PWD:$*"; echo err >&2; exit 3\n')
    program.chmod(0o755)
    if has_settings:
        (place / "nightly.env").write_text("# mine\nCT_RETRAIN_SNAPSHOT=s3://b/x\n")
    command = cron_line()[1].replace(PLACE, shlex.quote(str(place)))
    clean = {"PATH": os.environ["PATH"]}
    ran = subprocess.run(["/bin/sh", "-c", command], check=False, timeout=60, env=clean)
    assert ran.returncode == 3
    snapshot = "s3://b/x" if has_settings else ""
    log = (place / "work" / "nightly.log").read_text()
    assert log == f"{snapshot}:{place}:nightly\nerr\n"


def test_the_service_runs_a_command_that_there_is() -> None:
    service = unit(SERVICE)["Service"]
    assert service["Type"] == "oneshot"
    assert service["WorkingDirectory"] == PLACE
    assert command_of(service["ExecStart"]) == "nightly"


def test_the_timer_starts_the_service_at_two() -> None:
    timer = unit(TIMER)
    assert timer["Timer"]["OnCalendar"] == "*-*-* 02:00:00"
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert TIMER.stem == SERVICE.stem


def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    program = tmp_path / ".venv" / "bin" / "rtlbench"
    program.parent.mkdir(parents=True)
    program.symlink_to("/bin/true")
    for path in (SERVICE, TIMER):
        (tmp_path / path.name).write_text(path.read_text().replace(PLACE, str(tmp_path)))
    units = [str(tmp_path / path.name) for path in (SERVICE, TIMER)]
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_workflow_starts_at_two_alone_and_only_where_it_is_wanted() -> None:
    found = workflow()
    # YAML 1.1 takes `on` for true.
    assert found[True]["schedule"] == [{"cron": "0 2 * * *"}]
    assert found["concurrency"] == {"group": "nightly", "cancel-in-progress": False}
    assert found["permissions"] == {"contents": "read"}
    job = found["jobs"]["nightly"]
    assert "self-hosted" in job["runs-on"]
    assert "vars.RTLBENCH_ROOT != ''" in job["if"]
    (checkout,) = [s for s in steps() if "uses" in s]
    assert checkout["with"]["clean"] is False


def test_the_workflows_commands_and_variables_are_there() -> None:
    runs = [step["run"] for step in steps() if "run" in step]
    assert runs[0] == "make setup"
    assert "setup" in re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M)
    named = [command_of(line) for line in runs[1:]]
    assert named == ["nightly", "nightly", "nightly history"]
    ours = {n for n in workflow()["jobs"]["nightly"]["env"] if n.startswith("CT_RETRAIN_")}
    assert ours
    assert ours <= {variable(name) for name in OPTIONS}


def test_what_people_set_is_no_secret_in_a_command() -> None:
    for step in steps():
        assert "secrets." not in step.get("run", "")
        assert "${{" not in step.get("run", "")
