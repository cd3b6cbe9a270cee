"""A model in this process behind the OpenAI protocol on loopback: what it writes is what
`rtlbench bench --model FOLDER` has it write."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path
from typing import Any, Self

from rtlbench.generate.answer import Request
from rtlbench.generate.source import Generation
from rtlbench.generate.transformers_model import TransformersModel


class Served:
    """A model's folder, asked greedily whatever a request says.

    Args:
        longest: Tokens of an answer.
    """

    def __init__(self, folder: Path, longest: int) -> None:
        asked = Generation(model=str(folder), temperature=0.0, max_tokens=longest)
        self._model = TransformersModel(asked, str(folder))
        self._lock = threading.Lock()
        self.asked: list[str] = []
        """The prompts, in the order in which they came."""
        served = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                text = served._answer(_words(asked["messages"][-1]["content"]))
                is_stream = bool(asked.get("stream"))
                body = streamed_answer(text) if is_stream else whole_answer(text)
                self.send_response(200)
                kind = "text/event-stream" if is_stream else "application/json"
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, prompt: str) -> str:
        with self._lock:
            self.asked.append(prompt)
            request = Request(spec_id="asked", sample=0, prompt=prompt, seed=0)
            (answer,) = self._model.answers([request])
        return answer.completion


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content)


def whole_answer(text: str) -> bytes:
    """What a model's endpoint sends."""
    message = {"role": "assistant", "content": text}
    return json.dumps({
        "id": "1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }).encode()  # fmt: skip


def streamed_answer(text: str) -> bytes:
    """What a model's endpoint sends that is asked for a stream."""
    head: dict[str, Any] = {"id": "1", "object": "chat.completion.chunk", "created": 1}
    said = {"index": 0, "delta": {"role": "assistant", "content": text}}
    over = {"index": 0, "delta": {}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    told: list[dict[str, Any]] = [
        {"choices": [said]}, {"choices": [over]}, {"choices": [], "usage": usage},
    ]  # fmt: skip
    events = [json.dumps(head | {"model": "m"} | event) for event in told]
    return "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]).encode()
