"""`rtlbench serve`: the judging service."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from rtlbench.cli.options import isolation_option, judging_options, suite_options, workers_option
from rtlbench.errors import UserError

VARIABLE = "RTLBENCH_JUDGE_TOKEN"


@click.command(short_help="Judge answers over HTTP.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535),
              help="Port to listen on; 0 takes any that is free.")
@click.option("--token-file", metavar="FILE", type=click.Path(path_type=Path),
              help=f"File with the token that clients must give (or {VARIABLE}).")
@click.option("--max-waiting", default=1024, show_default=True, type=click.IntRange(1),
              help="Answers without a verdict, before clients are told to wait.")
@click.option("--max-bytes", default=8 << 20, show_default=True, type=click.IntRange(1024),
              help="Bytes of one request.")
@click.option("--engine", default="uvicorn", show_default=True,
              type=click.Choice(["uvicorn", "ray"]),
              help="One service in this machine, or replicas by Ray Serve.")
@click.option("--replicas", type=click.IntRange(1),
              help="With --engine ray: so many, each with -n workers (default: 1).")
@click.option("--ray-address", metavar="ADDRESS", help="A Ray cluster, instead of Ray here.")
@suite_options
@judging_options
@isolation_option
@workers_option
def serve(
    host: str,
    port: int,
    token_file: Path | None,
    max_waiting: int,
    max_bytes: int,
    engine: str,
    replicas: int | None,
    ray_address: str | None,
    suite: str,
    judging: dict[str, Any],
    workers: str,
) -> None:
    """Judge answers that clients send over HTTP, until stopped (docs/serve.md).

    Clients elsewhere need a token: whoever can send answers can keep this machine busy.
    """
    if engine != "ray" and (replicas, ray_address) != (None, None):
        raise UserError("--replicas and --ray-address: give --engine ray with them")
    try:
        from rtlbench.serve.limits import ServiceLimits
        from rtlbench.serve.server import serve as run
    except ImportError as e:
        raise UserError(f"serve needs {e.name}: pip install 'rtlbench[serve]'") from e
    token = _token(token_file)
    limits = ServiceLimits(waiting=max_waiting, body=max_bytes)
    if engine == "ray":
        from rtlbench.io.ray_cluster import RayCluster
        from rtlbench.sandbox.level import wish
        from rtlbench.serve.on_ray import Replicas, serve_on_ray

        count, given = replicas or 1, {**judging, "isolation": wish()}
        each = Replicas(count=count, workers=int(workers), suite=suite, judging=given,
                        limits=limits, token=token)  # fmt: skip
        cluster = RayCluster(address=ray_address, workers=count * int(workers))
        serve_on_ray(each, cluster, host=host, port=port, announce=_announce)
        return
    from rtlbench.judging.judge import Judge

    judge = Judge(workers=int(workers), suite=suite, **judging)
    run(judge, limits, host=host, port=port, token=token, announce=_announce)


def _announce(url: str) -> None:
    click.echo(f"listening on {url}", err=True)


def _token(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get(VARIABLE) or None
    try:
        token = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as e:
        raise UserError(f"--token-file {file}: cannot read it ({e})") from e
    if not token:
        raise UserError(f"--token-file {file}: is empty; write a token into it")
    return token
