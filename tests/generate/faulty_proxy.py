"""A proxy on loopback that spoils some requests on their way to a real server."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DRIP = 0.2
"""Seconds between two bytes of a slow answer."""


class Proxy:
    """Spoils the first requests in the order of `faults`; what is not spoilt goes through.

    `429` asks to wait a second, `500` and `401` refuse, `cut` breaks off in the middle of the
    answer, `drip` sends it byte by byte, `through` does no harm.
    """

    def __init__(self, upstream: int, faults: Sequence[str], *, forever: bool = False) -> None:
        self.upstream = upstream
        self.faults = list(faults)
        self.forever = forever
        self.seen: list[tuple[float, str]] = []
        """When each request came, and what was done to it."""
        self.keys: list[str] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def next_fault(self, key: str) -> str:
        """What to do to the request that has just come."""
        with self.lock:
            fault = self.faults[0] if self.faults else "through"
            if self.faults and not self.forever:
                self.faults.pop(0)
            self.seen.append((time.monotonic(), fault))
            self.keys.append(key)
            return fault

    def count(self, change: int) -> None:
        """Note that a request has come or gone."""
        with self.lock:
            self.at_once += change
            self.most_at_once = max(self.most_at_once, self.at_once)


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            fault = proxy.next_fault(self.headers.get("authorization", ""))
            proxy.count(1)
            try:
                self._answer(fault, body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client has had enough
            finally:
                proxy.count(-1)

        def _answer(self, fault: str, body: bytes) -> None:
            if fault in ("429", "500", "401"):
                told = {"error": {"message": f"spoilt with {fault}", "type": "fault"}}
                more = {"retry-after": "1"} if fault == "429" else {}
                self._send(int(fault), json.dumps(told).encode(), more)
                return
            upstream = http.client.HTTPConnection("127.0.0.1", proxy.upstream, timeout=120)
            upstream.request("POST", self.path, body, {"content-type": "application/json"})
            reply = upstream.getresponse()
            self._send(reply.status, reply.read(), {}, fault)
            upstream.close()

        def _send(self, status: int, body: bytes, more: dict[str, str], how: str = "") -> None:
            self.send_response(status)
            headers = {"content-type": "application/json", "content-length": len(body), **more}
            for name, value in headers.items():
                self.send_header(name, str(value))
            self.end_headers()
            if how == "cut":
                self.wfile.write(body[: len(body) // 2])
            elif how == "drip":
                for k in range(len(body)):
                    self.wfile.write(body[k : k + 1])
                    self.wfile.flush()
                    time.sleep(DRIP)
            else:
                self.wfile.write(body)

    return Handler


@contextmanager
def proxied(upstream: int, *faults: str, forever: bool = False) -> Iterator[tuple[Proxy, str]]:
    """A running proxy, and the address to give as `--base-url`."""
    proxy = Proxy(upstream, faults, forever=forever)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy, f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
