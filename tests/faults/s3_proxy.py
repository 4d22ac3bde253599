"""A proxy before an S3 server that breaks requests as networks and services do."""

from __future__ import annotations

import http.client
import json
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional
from urllib.parse import urlsplit

#: Path at which the proxy gives credentials, as the agent of a container does.
CREDENTIALS_PATH = "/credentials-of-the-container"

#: Headers of one connection, which a proxy does not pass on.
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "expect"})

_STATUS_OF_CODE = {
    "InternalError": 500,
    "ServiceUnavailable": 503,
    "SlowDown": 503,
    "AccessDenied": 403,
    "ExpiredToken": 400,
}


@dataclass
class Breakage:
    """Faults of some requests.

    Attributes
    ----------
    kind : str
        An error code of S3; ``reset`` closes the connection in the middle of the body of the
        answer; ``lost`` carries the request out and closes the connection without an answer;
        ``slow`` sends the body of the answer piece by piece.
    methods : str
        HTTP methods, separated by spaces.
    path : str
        Regular expression that is searched in the path, without the query.
    first, times : int
        Break the matching requests from this number on, this many of them (default: all).
    share : float
        Break this share of them, which the seed chooses.
    seed : int
    hits : int
        Requests that were broken.
    """

    kind: str
    methods: str = "GET HEAD PUT POST DELETE"
    path: str = ""
    first: int = 1
    times: Optional[int] = None
    share: float = 1.0
    seed: int = 1
    hits: int = 0
    _matched: int = 0
    _chooser: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chooser = random.Random(self.seed)

    def applies(self, method: str, path: str) -> bool:
        """Count a request, and return whether it breaks."""
        if method not in self.methods.split() or not re.search(self.path, path):
            return False
        self._matched += 1
        number = self._matched - self.first
        if number < 0 or (self.times is not None and number >= self.times):
            return False
        broken = self._chooser.random() < self.share
        self.hits += broken
        return broken


@dataclass
class CredentialSource:
    """Credentials that expire: the proxy gives new ones and refuses old ones.

    Attributes
    ----------
    seconds : float
        Seconds from the first use of credentials to their end.
    """

    seconds: float
    _ends: dict[str, float] = field(default_factory=dict)

    def issue(self) -> bytes:
        """Return new credentials as the agent of a container gives them."""
        name = f"ISSUED{len(self._ends):06}"
        self._ends[name] = time.monotonic() + self.seconds
        expiration = datetime.now(timezone.utc) + timedelta(seconds=self.seconds)
        answer = {
            "AccessKeyId": name,
            "SecretAccessKey": "secret",
            "Token": "token",
            "Expiration": f"{expiration:%Y-%m-%dT%H:%M:%SZ}",
        }
        return json.dumps(answer).encode()

    @property
    def issued(self) -> int:
        """Return the number of credentials that were given."""
        return len(self._ends)

    def is_expired(self, authorization: str) -> bool:
        """Return whether a request is signed by credentials that have ended."""
        name = re.search(r"Credential=([^/]+)/", authorization)
        return name is not None and time.monotonic() > self._ends.get(name[1], float("inf"))


class S3Proxy(ThreadingHTTPServer):
    """Proxy in threads of this process.

    Parameters
    ----------
    upstream : str
        Endpoint of the S3 server.
    breakages : sequence of Breakage
    credentials : CredentialSource, optional
        Without it, the proxy checks no signature.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        upstream: str,
        breakages: Sequence[Breakage],
        credentials: Optional[CredentialSource] = None,
    ):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream)
        self.breakages = breakages
        self.credentials = credentials
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        self._lock = threading.Lock()

    def breakage(self, method: str, path: str) -> Optional[Breakage]:
        """Count a request, and return what breaks it."""
        with self._lock:
            broken = [b for b in self.breakages if b.applies(method, urlsplit(path).path)]
        return broken[0] if broken else None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that was killed closes its connections."""


class _Handler(BaseHTTPRequestHandler):
    """Pass requests of one connection on, unless they break."""

    server: S3Proxy
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        upstream = self.server.upstream
        self._upstream = http.client.HTTPConnection(str(upstream.hostname), upstream.port)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def log_message(self, *arguments: Any) -> None:
        """Write no log."""

    def _pass_on(self) -> None:
        body = self._read_body()
        credentials = self.server.credentials
        if credentials and self.path == CREDENTIALS_PATH:
            self._answer(200, [("Content-Type", "application/json")], credentials.issue())
            return
        if credentials and credentials.is_expired(self.headers.get("Authorization", "")):
            self._refuse("ExpiredToken")
            return
        breakage = self.server.breakage(self.command, self.path)
        kind = breakage.kind if breakage else ""
        if kind in _STATUS_OF_CODE:
            self._refuse(kind)
            return
        answer = self._ask(body)
        data = answer.read()
        headers = [(n, v) for n, v in answer.getheaders() if n.lower() not in _HOP_BY_HOP]
        if kind == "lost":
            self._reset()
        elif kind == "reset":
            self._send_head(answer.status, headers, len(data))
            self.wfile.write(data[: len(data) // 2])
            self._reset()
        else:
            self._answer(answer.status, headers, data, slow=kind == "slow")

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b"".join(chunks)

    def _ask(self, body: bytes) -> http.client.HTTPResponse:
        for attempt in (1, 2):  # the server closes connections that were idle
            try:
                self._upstream.putrequest(
                    self.command, self.path, skip_host=True, skip_accept_encoding=True
                )
                for name, value in self.headers.items():
                    if name.lower() not in _HOP_BY_HOP | {"content-length"}:
                        self._upstream.putheader(name, value)
                if body or self.command in ("PUT", "POST"):
                    self._upstream.putheader("Content-Length", str(len(body)))
                self._upstream.endheaders(body or None)
                return self._upstream.getresponse()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._upstream.close()
                if attempt == 2:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _refuse(self, code: str) -> None:
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>"
        headers = [("Content-Type", "application/xml")]
        self._answer(_STATUS_OF_CODE[code], headers, body.encode())

    def _send_head(self, status: int, headers: Sequence[tuple[str, str]], length: int) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD" and status not in (204, 304):
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _answer(
        self, status: int, headers: Sequence[tuple[str, str]], data: bytes, slow: bool = False
    ) -> None:
        self._send_head(status, headers, len(data))
        if self.command == "HEAD" or status in (204, 304):
            return
        step = 2048 if slow else max(1, len(data))
        for begin in range(0, len(data), step):
            self.wfile.write(data[begin : begin + step])
            if slow:
                self.wfile.flush()
                time.sleep(0.05)

    def _reset(self) -> None:
        """Close the connection so that the client gets a reset instead of an orderly end."""
        self.wfile.flush()
        time.sleep(0.01)  # so that the client has read the first half
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True


@contextmanager
def running_proxy(
    upstream: str, *breakages: Breakage, credentials: Optional[CredentialSource] = None
) -> Iterator[S3Proxy]:
    """Run a proxy while the block runs.

    Parameters
    ----------
    upstream : str
        Endpoint of the S3 server.
    breakages : Breakage
    credentials : CredentialSource, optional
    """
    proxy = S3Proxy(upstream, breakages, credentials)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
