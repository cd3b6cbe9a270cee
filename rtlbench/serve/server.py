"""Running the service on one machine, by uvicorn, until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from rtlbench.errors import UserError
from rtlbench.judging.judge import Judge
from rtlbench.serve.app import Service
from rtlbench.serve.limits import ServiceLimits, address, check_reachable


def serve(  # noqa: PLR0913 - where it listens, each by its name
    judge: Judge,
    limits: ServiceLimits,
    *,
    host: str,
    port: int,
    token: str | None,
    announce: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; what was taken by then is still judged and answered.

    Raises:
        UserError: It may not, or cannot, listen there.
    """
    check_reachable(host, token)
    try:
        listening = socket.create_server((host, port), backlog=512, family=_family(host))
    except OSError as e:
        raise UserError(f"cannot listen on {host} port {port}: {e.strerror}") from e
    app = Service(judge, limits, token).app()
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    announce(address(host, listening.getsockname()[1]))
    uvicorn.Server(config).run(sockets=[listening])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
