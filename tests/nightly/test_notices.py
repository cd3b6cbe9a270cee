"""Notices reach people, and where they do not, that is told and nothing breaks."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from rtlbench.nightly.notices import notify
from tests.nightly.endpoints import Webhook, closed_port, mail_server, webhook

TITLE = "rtlbench: the night of 2026-03-01 was archived"
BODY = "functional, fsm: 0.500, at least 0.750\nlatest_nightly is as it was: <b>*not*</b> switched"


@pytest.fixture
def hook() -> Iterator[tuple[str, Webhook]]:
    with webhook() as (port, server):
        yield f"json://127.0.0.1:{port}/nightly", server


def test_a_webhook_gets_title_and_body(hook: tuple[str, Webhook]) -> None:
    url, server = hook
    assert notify([url], TITLE, BODY) == []
    (taken,) = server.taken
    assert (taken["title"], taken["message"]) == (TITLE, BODY)


def test_a_mail_gets_title_and_body() -> None:
    with mail_server() as (port, box):
        url = (
            f"mailto://127.0.0.1:{port}/?from=night@example.org&to=people@example.org&mode=insecure"
        )
        assert notify([url], TITLE, BODY) == []
    (mail,) = box.messages
    assert mail["Subject"] == TITLE
    assert mail["To"] == "people@example.org"
    part = mail.get_body(("plain", "html"))
    assert part is not None
    assert "functional, fsm: 0.500" in part.get_content()


def test_targets_that_fail_are_told_once_each_and_stop_no_other(hook: tuple[str, Webhook]) -> None:
    url, server = hook
    dead = f"json://user:secret@127.0.0.1:{closed_port()}/key"
    told = notify([dead, "nonsense://secret/key", "no address, secret", url], TITLE, BODY)
    assert [line.partition(": ")[0] for line in told] == [
        "--notify json://...", "--notify nonsense://...", "--notify",
    ]  # fmt: skip
    assert not [line for line in told if "secret" in line or "key" in line or "\n" in line]
    assert len(server.taken) == 1


def test_a_target_that_refuses_is_told(hook: tuple[str, Webhook]) -> None:
    url, server = hook
    server.status = 500
    (told,) = notify([url], TITLE, BODY)
    assert "was not taken" in told


def test_a_target_that_never_answers_is_not_waited_for(hook: tuple[str, Webhook]) -> None:
    url, server = hook
    server.silent = threading.Event()
    try:
        (told,) = notify([f"{url}?rto=50&cto=50"], TITLE, BODY, seconds=0.5)
        assert "has not answered in time" in told
    finally:
        server.silent.set()


def test_nobody_to_tell_is_nothing_to_do() -> None:
    assert notify([], TITLE, BODY) == []
    assert notify(["", " "], TITLE, BODY) == []


def test_control_characters_do_not_reach_people(hook: tuple[str, Webhook]) -> None:
    url, server = hook
    assert notify([url], "a\nb\x1b[2J", "x\x1b]0;y\x07\nz") == []
    (taken,) = server.taken
    assert (taken["title"], taken["message"]) == ("a b?[2J", "x?]0;y?\nz")


def test_without_apprise_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    (told,) = notify(["json://127.0.0.1/"], TITLE, BODY)
    assert "pip install 'rtlbench[nightly]'" in told
