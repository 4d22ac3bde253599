"""Run a handler as Lambda runs it: in a process of ``awslambdaric``, over the runtime API.

The stand-in serves the routes of the runtime API ("Using the Lambda runtime API for custom
runtimes" in the developer guide of Lambda) to the interface client that is part of Lambda's images.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

_ROUTES = "/2018-06-01/runtime"

#: Time limit of one invocation.
INVOCATION_SECONDS = 60.0


class FunctionError(Exception):
    """Raised if the handler has raised; it holds what Lambda would return and log."""


@dataclass
class _Invocation:
    """One invocation and its result."""

    event: Any
    request_id: str = field(default_factory=lambda: str(uuid4()))
    result: queue.Queue[tuple[str, bytes]] = field(default_factory=queue.Queue)


class _RuntimeServer(ThreadingHTTPServer):
    """Server of the runtime API."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeRoutes)
        self.waiting: queue.Queue[_Invocation] = queue.Queue()
        self.running: dict[str, _Invocation] = {}
        self.init_errors: list[str] = []


class _RuntimeRoutes(BaseHTTPRequestHandler):
    """Routes of the runtime API."""

    server: _RuntimeServer

    def do_GET(self) -> None:
        """Give the next invocation, when there is one."""
        invocation = self.server.waiting.get()
        self.server.running[invocation.request_id] = invocation
        deadline = int((time.time() + INVOCATION_SECONDS) * 1000)
        self._answer(
            200,
            json.dumps(invocation.event).encode(),
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": (
                    "arn:aws:lambda:us-east-1:123456789012:function:safelight-trigger"
                ),
                "Content-Type": "application/json",
            },
        )

    def do_POST(self) -> None:
        """Take the result of an invocation, or the error of the start."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        *_, name, kind = self.path.split("/")
        if name == "init":
            self.server.init_errors.append(body.decode())
        else:
            self.server.running.pop(name).result.put((kind, body))
        self._answer(202, b"{}", {})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log."""


class LambdaFunction:
    """Function that runs in a process of its own.

    Parameters
    ----------
    server : _RuntimeServer
    process : subprocess.Popen
    log : Path
        What the process has written to stdout and stderr: its log in CloudWatch.
    """

    def __init__(self, server: _RuntimeServer, process: subprocess.Popen[bytes], log: Path):
        self._server = server
        self._process = process
        self._log = log

    @property
    def log(self) -> str:
        """Return the log of all invocations."""
        return self._log.read_text(errors="replace")

    def invoke(self, event: Any) -> Any:
        """Invoke the function and return its answer.

        Raises
        ------
        FunctionError
            If the handler has raised.
        """
        invocation = _Invocation(event)
        self._server.waiting.put(invocation)
        deadline = time.monotonic() + INVOCATION_SECONDS
        while True:
            try:
                kind, body = invocation.result.get(timeout=0.2)
            except queue.Empty:
                assert self._process.poll() is None, f"the function has ended:\n{self.log}"
                assert not self._server.init_errors, self._server.init_errors
                assert time.monotonic() < deadline, f"the invocation does not end:\n{self.log}"
                continue
            if kind == "error":
                raise FunctionError(body.decode())
            return json.loads(body)


@contextmanager
def lambda_function(
    handler: str, folder: Path, code: Path, environment: Mapping[str, str]
) -> Iterator[LambdaFunction]:
    """Run a function while the block runs.

    Parameters
    ----------
    handler : str
        Setting ``Handler`` of the function.
    folder : Path
        Existing folder for the log.
    code : Path
        Folder of the function's code, which comes before other packages.
    environment : mapping of str to str
        Variables of the function.
    """
    server = _RuntimeServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log = folder / "function.log"
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(code),
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_address[1]}",
        "AWS_LAMBDA_FUNCTION_NAME": "safelight-trigger",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/safelight/trigger",
        "AWS_LAMBDA_LOG_STREAM_NAME": "log",
        "LAMBDA_TASK_ROOT": str(code),
        "TZ": ":UTC",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", handler],
            cwd=folder,
            env=variables | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield LambdaFunction(server, process, log)
    finally:
        process.kill()
        process.wait()
        server.shutdown()
        server.server_close()
