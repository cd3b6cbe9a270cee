"""Running the service on Ray Serve: replicas on one machine or on several, behind one address.

A replica is the service as it runs alone (rtlbench.serve.app), with a Judge and workers of its own;
Ray hands each request to one that has room. Answers of all clients that meet in a replica share
simulations by the Judge's own batches, so Ray's are not used: they would make one more wait.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.ray_cluster import RayCluster, connect
from rtlbench.serve.limits import ServiceLimits, address, check_reachable, is_loopback

NAME = "rtlbench"
AHEAD = 64
"""Requests that a replica has at a time: as many as a batch has answers."""
GRACE = 600.0
"""Seconds in which a replica that is to end may judge what it has taken."""


class Replicas(msgspec.Struct, frozen=True, kw_only=True):
    """What each replica is, and how many there are."""

    count: int
    workers: int
    """Processes that judge, for each; Ray counts a core for one."""
    suite: str
    judging: dict[str, Any]
    """Arguments of the Judge."""
    limits: ServiceLimits
    token: str | None


def serve_on_ray(
    replicas: Replicas,
    cluster: RayCluster,
    *,
    host: str,
    port: int,
    announce: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; what was taken by then is still judged and answered.

    Raises:
        UserError: It may not, or cannot, listen there; Ray is missing or does not answer, or has
            too few cores.
    """
    check_reachable(host, replicas.token, is_shared=cluster.address is not None)
    if port == 0:
        raise UserError("--engine ray: give a --port; Ray takes none that is only free")
    serve = _library()
    ray = connect(cluster)
    try:
        _check_room(replicas, int(ray.cluster_resources().get("CPU", 0)))
        serve.start(
            proxy_location="HeadOnly" if is_loopback(host) else "EveryNode",
            http_options={"host": host, "port": port},
            logging_config={"log_level": "ERROR"},
        )
        serve.run(_deployed(replicas, serve), name=NAME, logging_config={"log_level": "ERROR"})
        told_to_stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):  # Ray has put its own there
            signal.signal(number, lambda *_: told_to_stop.set())
        announce(address(host, port))
        told_to_stop.wait()
        serve.delete(NAME)
        serve.shutdown()
    finally:
        ray.shutdown()


def _library() -> Any:
    try:
        serve: Any = import_module("ray.serve")
    except ImportError as e:
        raise UserError(f"--engine ray needs {e.name}: pip install 'rtlbench[ray-serve]'") from e
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    return serve


def _check_room(replicas: Replicas, cores: int) -> None:
    if replicas.count * replicas.workers > cores:
        raise UserError(
            f"--replicas {replicas.count} with -n {replicas.workers} need "
            f"{replicas.count * replicas.workers} cores; Ray has {cores}"
        )


def _deployed(replicas: Replicas, serve: Any) -> Any:
    given = msgspec.json.encode(replicas)

    def build() -> Any:
        from rtlbench.serve.on_ray import built

        return built(given)

    deployment = serve.deployment(
        name=NAME,
        num_replicas=replicas.count,
        max_ongoing_requests=AHEAD,
        graceful_shutdown_timeout_s=GRACE,
        ray_actor_options={"num_cpus": replicas.workers},
    )
    return deployment(serve.ingress(build)()).bind()


def built(given: bytes) -> Any:
    """The service of one replica; runs there."""
    from rtlbench.judging.judge import Judge
    from rtlbench.serve.app import Service

    replicas = msgspec.json.decode(given, type=Replicas)
    judge = Judge(workers=replicas.workers, suite=replicas.suite, **replicas.judging)
    return Service(judge, replicas.limits, replicas.token).app()
