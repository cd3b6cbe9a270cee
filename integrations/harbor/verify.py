"""A Harbor task's verifier: has the judging service judge the answer, and writes the reward.

Python's own library alone. Where nobody could tell, no reward is written and it ends with 1, which
Harbor takes for an error of the trial and not for a wrong answer.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any

TASK = Path(os.environ.get("RTLBENCH_TASK", "/tests/task.json"))
ANSWER = Path(os.environ.get("RTLBENCH_ANSWER", "/app/answer.sv"))
LOGS = Path(os.environ.get("RTLBENCH_LOGS", "/logs/verifier"))


def judged(task: dict[str, str], text: str) -> dict[str, Any]:
    """The service's Verdict."""
    url, token = os.environ["RTLBENCH_JUDGE_URL"], os.environ.get("RTLBENCH_JUDGE_TOKEN")
    if not url.startswith(("http://", "https://")):
        raise SystemExit(f"RTLBENCH_JUDGE_URL={url}: give http://HOST:PORT")
    headers = {"content-type": "application/json"}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    body = json.dumps({"answers": [{"text": text, **task}]}).encode()
    request = urllib.request.Request(f"{url.rstrip('/')}/v1/judge", body, headers)
    with urllib.request.urlopen(request, timeout=800) as response:
        found: dict[str, Any] = json.load(response)["verdicts"][0]
    return found


def main() -> int:
    """Write reward.json, or nothing."""
    text = ANSWER.read_text(errors="replace") if ANSWER.is_file() else ""
    verdict = judged(json.loads(TASK.read_text()), text)
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / "verdict.json").write_text(json.dumps(verdict, indent=2) + "\n")
    if verdict["outcome"] == "error":
        return 1
    right = verdict["outcome"] == "pass" and verdict.get("functional") is True
    reward = {"reward": float(right), "score": float(verdict["score"])}
    (LOGS / "reward.json").write_text(json.dumps(reward) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
