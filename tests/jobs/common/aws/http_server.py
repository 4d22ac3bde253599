"""HTTP server in a thread: it gives planned answers, records requests and checks signatures."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, quote


@dataclass
class Received:
    """A request that the server received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Planned:
    """An answer of the server; ``sent`` is the part of the body that it sends."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None


@dataclass
class Server:
    """A running server."""

    url: str
    received: list[Received]


@contextmanager
def serving(answer: Callable[[Received], Planned]) -> Iterator[Server]:
    """Run a server on a free port."""
    received: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.command, self.path, headers, self.rfile.read(length))
            received.append(request)
            planned = answer(request)
            self.send_response(planned.status)
            for name, value in planned.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(planned.body)))
            self.end_headers()
            self.wfile.write(planned.body[: planned.sent])
            self.close_connection = planned.sent is not None

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_address[1]}", received)
    finally:
        server.shutdown()
        server.server_close()


def has_valid_signature(request: Received, secret: str) -> bool:
    """Return whether SigV4 of a request is right; written from the guide, without botocore.

    Source: IAM User Guide, "Create a signed AWS API request".
    """
    _, _, given = request.headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in given.split(","))
    path, _, query = request.path.partition("?")
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
    )
    signed = parts["SignedHeaders"].split(";")
    canonical = "\n".join(
        [
            request.method,
            quote(path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in signed),
            "",
            ";".join(signed),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    _, date, region, service, ending = parts["Credential"].split("/")
    scope = f"{date}/{region}/{service}/{ending}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    message = f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, ending):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return parts["Signature"] == hmac.new(key, message.encode(), hashlib.sha256).hexdigest()
