"""Ray: on this machine, or a cluster of several. An extra, imported when it is asked for."""

from __future__ import annotations

import logging
import os
from typing import Any

import msgspec

from rtlbench.errors import UserError

STORE_BYTES = 256 << 20
"""Ray's memory for what travels between its processes, on one machine."""


class RayCluster(msgspec.Struct, frozen=True, kw_only=True):
    """Where Ray runs."""

    address: str | None = None
    """Of a cluster; None starts one on this machine."""
    workers: int | None = None
    """Processes on this machine, where no cluster is given; None: one a core."""


def connect(cluster: RayCluster) -> Any:
    """The library, with this process connected; `shutdown` leaves, and ends what was started here.

    Raises:
        UserError: Ray is not installed, or no cluster answers.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as e:
        raise UserError("--engine ray needs Ray: pip install 'rtlbench[ray]'") from e
    own: dict[str, Any] = {
        "num_cpus": cluster.workers or os.cpu_count() or 1,
        "include_dashboard": False,
        "object_store_memory": STORE_BYTES,
        "_node_ip_address": "127.0.0.1",
    }
    try:
        ray.init(
            address=cluster.address or "local",
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({} if cluster.address else own),
        )
    except Exception as e:  # Ray raises no less where a part of it starts late
        where = f"--ray-address {cluster.address}" if cluster.address else "--engine ray"
        told = (str(e).strip() or type(e).__name__).splitlines()[0]
        raise UserError(f"{where}: Ray does not start or answer ({told})") from e
    return ray
