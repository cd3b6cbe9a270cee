"""What the service takes on: how much at once, how large, from whom."""

from __future__ import annotations

import hmac
import ipaddress
import socket
import time

import msgspec

from rtlbench.errors import UserError


class ServiceLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Of one service."""

    waiting: int = 1024
    """Answers that were taken and have no Verdict yet."""
    body: int = 8 << 20
    """Bytes of one request."""
    uploads: int = 16
    """Requests that are being read."""
    upload_seconds: float = 30.0


def check_reachable(host: str, token: str | None, *, is_shared: bool = False) -> None:
    """Refuse to serve without a token where other machines can ask.

    Args:
        is_shared: Whether others reach it whatever the address, as in a cluster.

    Raises:
        UserError: They could.
    """
    if token is None and (is_shared or not is_loopback(host)):
        raise UserError(
            f"--host {host}: other machines could reach it; give --token-file FILE or set "
            "RTLBENCH_JUDGE_TOKEN"
        )


def address(host: str, port: int) -> str:
    """What a client is told."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class RefusedError(Exception):
    """A request that is not judged: status, message, and the field that is at fault."""

    def __init__(
        self, status: int, told: str, *, field: str | None = None, after: int | None = None
    ) -> None:
        super().__init__(told)
        self.status, self.told, self.field, self.after = status, told, field, after


class Load:
    """What is being judged now; how soon there will be room."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0
        """Answers without a Verdict."""
        self.judged = 0
        self._since = time.monotonic()

    def take(self, count: int) -> None:
        """Make room for so many more.

        Raises:
            RefusedError: There is none.
        """
        if self.taken and self.taken + count > self.limit:
            raise self.full()
        self.taken += count

    def give_back(self, count: int) -> None:
        """So many have ended."""
        self.taken -= count
        self.judged += count

    def full(self) -> RefusedError:
        """That there is no room, and after how many seconds a quarter of it will be free."""
        rate = self.judged / max(1.0, time.monotonic() - self._since)
        seconds = self.limit / 4 / rate if rate else 5.0
        told = f"{self.taken} answers wait to be judged; ask again later"
        return RefusedError(429, told, after=max(1, min(60, round(seconds))))


def check_token(given: str | None, token: str | None) -> None:
    """Refuse who does not know the token, where there is one.

    Raises:
        RefusedError: By name.
    """
    kind, _, said = (given or "").partition(" ")
    known = kind.lower() == "bearer" and token is not None
    if token is not None and not (known and hmac.compare_digest(said.encode(), token.encode())):
        raise RefusedError(401, "give the service's token: Authorization: Bearer TOKEN")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there.

    Raises:
        UserError: There is no such place.
    """
    try:
        every = socket.getaddrinfo(host or None, 0, flags=socket.AI_PASSIVE)
    except OSError as e:
        raise UserError(f"--host {host}: is no address of this machine ({e.strerror})") from e
    return all(ipaddress.ip_address(str(info[4][0])).is_loopback for info in every)
