"""An endpoint on loopback that misbehaves by a plan, and counts what comes in."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.generate.odd.ways import WAYS, Sends, right

DRIP = 0.05
"""Seconds between two bytes."""
SILENCE = 30.0


class OddEndpoint:
    """What came, and what it met.

    Args:
        plan: The way by prompt; what has none is answered rightly.
        delay: Seconds that an answer takes.
    """

    def __init__(self, plan: Mapping[str, str], delay: float = 0.0) -> None:
        self.plan = plan
        self.delay = delay
        self.ids: list[str] = []
        """The id of each request, in the order of coming."""
        self.tries: Counter[str] = Counter()
        """Requests by prompt."""
        self.url = ""
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.refuses: frozenset[str] = frozenset()
        """Parameters that it does not know."""
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def meets(self, name: str, prompt: str) -> Sends:
        """What the request `name` gets."""
        with self._lock:
            self.ids.append(name)
            self.tries[prompt] += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            way = WAYS.get(self.plan.get(prompt, ""))
            if way is None or (way.tries and self.tries[prompt] > way.tries):
                return right()
            return way.does()

    def left(self) -> None:
        """One request is done with."""
        with self._lock:
            self.at_once -= 1


def _handler(endpoint: OddEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            prompt = asked["messages"][-1]["content"]
            endpoint.bodies.append(asked)
            endpoint.headers.append(dict(self.headers))
            endpoint.paths.append(self.path)
            sends = endpoint.meets(self.headers["x-client-request-id"], prompt)
            if refused := sorted(endpoint.refuses & asked.keys()):
                told = f"Unsupported parameter: '{refused[0]}' is not supported with this model."
                error = {"error": {"message": told, "param": refused[0]}}
                sends = Sends(body=json.dumps(error).encode(), status=400)
            try:
                time.sleep(endpoint.delay)
                self._send(sends)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the other side has had enough
            finally:
                endpoint.left()

        def _send(self, sends: Sends) -> None:
            if sends.how in ("drop", "silent", "garbage"):
                time.sleep(SILENCE if sends.how == "silent" else 0)
                self.wfile.write(b"what?\r\n\r\n" if sends.how == "garbage" else b"")
                self.close_connection = True
                return
            self.send_response(sends.status)
            length = {"transfer-encoding": "chunked"} if sends.how == "chunked" else {
                "content-length": str(len(sends.body))}  # fmt: skip
            for name, value in {"content-type": "application/json", **length,
                                **sends.headers}.items():  # fmt: skip
                self.send_header(name, value)
            if sends.how == "reset":
                self.flush_headers()
                self.close_connection = True
                return
            self.end_headers()
            self._body(sends)

        def _body(self, sends: Sends) -> None:
            body = sends.body
            if sends.how == "cut":
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            elif sends.how == "drip":
                for k in range(len(body)):
                    self.wfile.write(body[k : k + 1])
                    self.wfile.flush()
                    time.sleep(DRIP)
            elif sends.how == "chunked":
                for part in (body[:9], body[9:], b""):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            else:
                self.wfile.write(body)

    return Handler


@contextmanager
def serving(plan: Mapping[str, str], delay: float = 0.0) -> Iterator[OddEndpoint]:
    """The endpoint, listening at its `url`."""
    endpoint = OddEndpoint(plan, delay)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(endpoint))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
