"""Real endpoints on loopback: an S3 server, a mail server, a webhook, and a port that is closed."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import msgspec

# A process of its own: moto changes botocore in the one that it is in.
_S3 = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def s3_server(log: Path) -> Iterator[dict[str, str]]:
    """An S3 server; gives the environment that leads clients to it."""
    with log.open("wb") as errors, subprocess.Popen(
        [sys.executable, "-c", _S3], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
    ) as process:  # fmt: skip
        assert process.stdout is not None
        port = process.stdout.readline().decode().strip()
        assert port.isdecimal(), log.read_text()
        try:
            yield s3_environment(int(port))
        finally:
            process.kill()


def s3_environment(port: int) -> dict[str, str]:
    """What leads S3 clients to a port of this machine."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def closed_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast("int", probe.getsockname()[1])


class Mailbox:
    """What a mail server has taken."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.messages.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[int, Mailbox]]:
    """A mail server, with its port."""
    from aiosmtpd.controller import Controller

    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=closed_port())
    controller.start()
    try:
        yield controller.port, box
    finally:
        controller.stop()


class Webhook(ThreadingHTTPServer):
    """Takes JSON, and answers with `status`; where `silent` is set, not before that is over."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.taken: list[dict[str, Any]] = []
        self.status = 200
        self.silent: threading.Event | None = None


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        hook = cast("Webhook", self.server)
        if hook.silent is not None:
            hook.silent.wait(60)
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        hook.taken.append(msgspec.json.decode(body))
        self.send_response(hook.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def webhook() -> Iterator[tuple[int, Webhook]]:
    """A receiver of webhooks, with its port."""
    with Webhook() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port, server
        finally:
            server.shutdown()
            thread.join()
