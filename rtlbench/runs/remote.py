"""A Verifier whose answers a judging service judges."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rtlbench.client.client import Client
from rtlbench.errors import UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.verifier import Config, Verifier

TOKEN = "RTLBENCH_JUDGE_TOKEN"


class RemoteVerifier(Verifier):
    """Gives the service's Verdicts, made sure that they are by the settings asked for.

    Args:
        simulator: None for whichever the service has.

    Raises:
        UserError: The service judges by other settings, or refuses who asks.
        HarnessError: It cannot be reached.
    """

    def __init__(self, url: str, simulator: str | None, *, seed: int, formal: bool) -> None:
        self.url = url
        self._client = Client(url, token=os.environ.get(TOKEN) or None)
        self.about = self._client.about()
        its = Config(
            simulator=self.about.simulator, seed=self.about.seed, formal=self.about.formal
        )
        self.config = Config(simulator=simulator or its.simulator, seed=seed, formal=formal)
        if self.config != its:
            raise UserError(
                f"--judge-url {url}: judges by other settings (--simulator {its.simulator}, "
                f"--seed {its.seed}{', --formal' * its.formal}); give the same here"
            )

    def verify_mixed(self, pairs: Sequence[tuple[Spec | None, Candidate]]) -> list[Verdict]:
        """As a Verifier's; nothing is judged on this machine.

        Raises:
            UserError: The service has another version of a task, or other settings by now.
        """
        tasks, answers = [s for s, _ in pairs], [c for _, c in pairs]
        verdicts = self._client.judge_each(tasks, answers)
        keys = [self.key(spec, candidate) for spec, candidate in pairs]
        if [v.key for v in verdicts] != keys:
            raise UserError(f"--judge-url {self.url}: its verdicts are by other settings by now")
        return verdicts
