"""The environment over HTTP and WebSocket: `uvicorn server.app:app --port 8000` in this folder."""

from __future__ import annotations

from openenv.core.env_server.http_server import create_app

try:
    from ..models import RtlAction, RtlObservation
    from .rtl_environment import RtlEnvironment
except ImportError:  # started as `server.app`, as openenv.yaml says
    from server.rtl_environment import RtlEnvironment  # type: ignore[no-redef]

    from models import RtlAction, RtlObservation  # type: ignore[no-redef]

app = create_app(
    RtlEnvironment, RtlAction, RtlObservation, env_name="rtlbench", max_concurrent_envs=64
)


def main() -> None:
    """`server --port 8000`."""
    import argparse

    import uvicorn

    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    args = parser.parse_args()
    uvicorn.run(app, host=args.host, port=args.port)


if __name__ == "__main__":
    main()
