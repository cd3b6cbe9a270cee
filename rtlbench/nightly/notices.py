"""Notices to people, by Apprise: Slack, e-mail, webhooks and some hundred others.

A notice that cannot be sent never stops the night; what is told of it holds no password.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence

from rtlbench.errors import UserError
from rtlbench.io.untrusted import one_line, printable

SECONDS = 60.0
"""For all targets together, which are told at the same time."""
NO_APPRISE = "notices need Apprise: pip install 'rtlbench[nightly]'"
NO_ADDRESS = "not an address that Apprise understands; `apprise -vv -b test URL` says why"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")


def notify(
    urls: Sequence[str], title: str, body: str, kind: str = "info", seconds: float = SECONDS
) -> list[str]:
    """Send a notice to each target.

    Args:
        urls: Targets as Apprise writes them, such as slack://... or mailto://...
        kind: `info`, `success`, `warning` or `failure`, which services show by colour or rank.
        seconds: After which a target that has not answered counts as unreachable.

    Returns:
        A message for each target that could not be reached.
    """
    calls = [_Call(url, one_line(title), printable(body), kind) for url in urls if url.strip()]
    for call in calls:
        call.start()
    end = time.monotonic() + seconds
    for call in calls:
        call.join(max(0.0, end - time.monotonic()))
    return [call.told for call in calls if call.told]


class _Call(threading.Thread):
    """One notice to one target; a daemon, so that one that hangs does not hold the job's end."""

    def __init__(self, url: str, title: str, body: str, kind: str) -> None:
        super().__init__(daemon=True)
        self._kind = kind
        self._url, self._title, self._body = url.strip(), title, body
        self._place = _without_path(self._url)
        self.told = f"{self._place}: has not answered in time; see to the target, or to --notify"

    def run(self) -> None:
        self.told = self._send()

    def _send(self) -> str:
        try:
            import apprise
        except ImportError:
            return f"{self._place}: {NO_APPRISE}"
        asset = apprise.AppriseAsset(
            app_id="rtlbench", app_desc="rtlbench", app_url="", secure_logging=True,
            storage_mode=apprise.PersistentStoreMode.MEMORY,
        )  # fmt: skip
        target = apprise.Apprise.instantiate(self._url, asset=asset, suppress_exceptions=True)
        if target is None:
            return f"{self._place}: {NO_ADDRESS}"
        try:
            sent = target.notify(
                title=self._title, body=self._body,
                notify_type=apprise.NotifyType(self._kind), body_format=apprise.NotifyFormat.TEXT
            )
        except Exception as e:  # noqa: BLE001 - each service has errors of its own
            return f"{self._place}: the notice could not be sent ({type(e).__name__})"
        return "" if sent else f"{self._place}: the notice was not taken; see to the target"


def refuse_address(flag: str, url: str) -> None:
    """Make sure that a notice could be sent to `url`, as far as that is known without sending one.

    Raises:
        UserError: It could not.
    """
    place = _without_path(url.strip(), flag)
    try:
        import apprise
    except ImportError as e:
        raise UserError(f"{place}: {NO_APPRISE}") from e
    if apprise.Apprise.instantiate(url.strip(), suppress_exceptions=True) is None:
        raise UserError(f"{place}: {NO_ADDRESS}")


def _without_path(url: str, flag: str = "--notify") -> str:
    """Its service alone: hosts and paths of many services are keys."""
    found = _SCHEME.match(url)
    return f"{flag} {found[0]}://..." if found else flag
