"""Send HTTP requests that are signed with SigV4, with bounded retries, waits and answers.

It is for services of AWS that boto3 has no client of. botocore sends the requests, so proxies,
certificates and time limits are those of all other clients.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Optional
from urllib.parse import urlsplit

from jobs.common.aws.clients import (
    CONNECT_TIMEOUT_SECONDS,
    MAX_ATTEMPTS,
    MAX_CONNECTIONS,
    READ_TIMEOUT_SECONDS,
)

#: Longest wait before a request is sent again, also if the service asks for a longer one.
MAX_WAIT_SECONDS = 20.0
_FIRST_WAIT_SECONDS = 0.4

#: States for which a request is sent again: too many requests, and errors of the service. 409 is
#: the answer of HealthImaging while it still processes a large image set ("Getting image set
#: metadata").
_REPEATED_STATES = frozenset({408, 409, 429, 500, 502, 503, 504})
#: States after which a request that stores something may be sent again: nothing was stored.
_REFUSED_STATES = frozenset({429, 503})
_THROTTLED_STATES = _REFUSED_STATES

_CHUNK_BYTES = 1 << 20


class HttpError(Exception):
    """Raised if a request fails permanently; holds a code, never the URL or the answer.

    Parameters
    ----------
    code : str
        Code of AWS, HTTP state or class of the exception.
    """

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code
        #: In the form of an error of botocore, which ``error_code`` reads.
        self.response = {"Error": {"Code": code}}


@dataclass(frozen=True)
class Answer:
    """Answer to a request. MAY HOLD PHI.

    Attributes
    ----------
    status : int
        HTTP state.
    content_type : str
        Media type.
    body : bytes
        Content.
    """

    status: int
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Request:
    """Request to send. MAY HOLD PHI.

    Attributes
    ----------
    method : str
        HTTP method.
    url : str
        URL with its query.
    headers : mapping
        Headers without the signature.
    body : bytes
        Content; empty for GET.
    max_bytes : int
        Largest answer.
    accepted_states : frozenset of int
        HTTP states above 299 whose answers are results as well.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    max_bytes: int = 1 << 30
    accepted_states: frozenset[int] = frozenset()

    @property
    def origin(self) -> str:
        """Scheme, host and port of the URL."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


class SignedSession:
    """Send requests to one service.

    Parameters
    ----------
    service : str
        Name of the service in the signature.
    region : str or None
        Region of the service; ``None`` sends requests without a signature.
    sleep : callable, optional
        Waits for a number of seconds.
    """

    def __init__(
        self,
        service: str,
        region: Optional[str],
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._service = service
        self._region = region
        self._sleep = sleep

    def send(
        self,
        request: Request,
        admit: Callable[[], None] = lambda: None,
        throttled: Callable[[], None] = lambda: None,
    ) -> Answer:
        """Return the answer to a request; send it again if that can help.

        Parameters
        ----------
        request : Request
            The request. One with another method than GET is sent again only if the service has
            refused it.
        admit : callable, optional
            Waits until a request may be sent; called before each attempt.
        throttled : callable, optional
            Called if the service refuses a request as too many.

        Raises
        ------
        HttpError
            If the request fails permanently, the answer is too large, or there are no credentials.
        """
        for attempt in range(1, MAX_ATTEMPTS + 1):
            admit()
            answer, code, wait = self._attempt(request)
            status = answer.status if answer is not None else 0
            if answer is not None and (status < 300 or status in request.accepted_states):
                return answer
            if status in _THROTTLED_STATES:
                throttled()
            if attempt == MAX_ATTEMPTS or not _may_repeat(request, status, code):
                raise HttpError(code)
            self._sleep(max(wait, _backoff(attempt)))
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, request: Request) -> tuple[Optional[Answer], str, float]:
        """Return the answer, the code of its error, and the wait that the service asks for."""
        from botocore.exceptions import BotoCoreError
        from urllib3.exceptions import HTTPError

        try:
            session = _http_session(request.origin, os.environ.get("AWS_CA_BUNDLE", ""))
            response = session.send(self._prepare(request))
            status = int(response.status_code)
            headers = {name.lower(): value for name, value in response.headers.items()}
            limit = request.max_bytes if status < 300 else _CHUNK_BYTES
            body = _read_body(response.raw, headers, limit)
        except (BotoCoreError, HTTPError) as error:
            return None, type(error).__name__, 0.0
        answer = Answer(status, headers.get("content-type", ""), body)
        return answer, _find_code(answer, headers), _retry_after(headers)

    def _prepare(self, request: Request) -> Any:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        unsigned = AWSRequest(
            method=request.method,
            url=request.url,
            headers=dict(request.headers),
            data=request.body,
            stream_output=True,
        )
        if self._region is not None:
            SigV4Auth(_credentials(), self._service, self._region).add_auth(unsigned)
        return unsigned.prepare()


def _may_repeat(request: Request, status: int, code: str) -> bool:
    if request.method == "GET":
        return status in _REPEATED_STATES or (not status and code != "AnswerTooLarge")
    return status in _REFUSED_STATES or code in ("EndpointConnectionError", "ConnectTimeoutError")


def _backoff(attempt: int) -> float:
    """Return the wait after an attempt: exponential, with jitter."""
    longest = min(MAX_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 4.0 ** (attempt - 1))
    return longest * random.uniform(0.5, 1.0)


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds of ``Retry-After``; a date is ignored."""
    text = headers.get("retry-after", "")
    return min(MAX_WAIT_SECONDS, float(text)) if text.isdecimal() else 0.0


def _read_body(raw: Any, headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Return the content of an answer.

    Raises
    ------
    HttpError
        If it has more bytes than allowed.
    urllib3.exceptions.HTTPError
        If the connection breaks before its end.
    """
    from urllib3.exceptions import ProtocolError

    expected = headers.get("content-length", "")
    chunks, size = [], 0
    try:
        while chunk := raw.read(_CHUNK_BYTES, decode_content=True):
            size += len(chunk)
            if size > max_bytes:
                raise HttpError("AnswerTooLarge")
            chunks.append(chunk)
    finally:
        raw.close() if size > max_bytes else raw.release_conn()
    is_encoded = headers.get("content-encoding", "identity") != "identity"
    if expected.isdecimal() and not is_encoded and int(expected) != size:
        raise ProtocolError("IncompleteRead")
    return b"".join(chunks)


def _find_code(answer: Answer, headers: Mapping[str, str]) -> str:
    """Return the code of an error: that of AWS, else the HTTP state.

    Services with a JSON protocol give the code in a header, or as ``__type`` or ``code``.
    """
    code = headers.get("x-amzn-errortype", "")
    if not code and "json" in answer.content_type:
        try:
            content = json.loads(answer.body)
        except ValueError:
            content = None
        if isinstance(content, dict):
            code = str(content.get("__type") or content.get("code") or "")
    code = code.partition(":")[0].rpartition("#")[2]
    return code if code.isascii() and code.isalnum() and len(code) < 80 else str(answer.status)


@lru_cache(maxsize=8)
def _http_session(origin: str, certificates: str) -> Any:
    """Return the session of this process with a host.

    Parameters
    ----------
    origin : str
        Scheme, host and port.
    certificates : str
        File of certificates; empty for those of botocore.
    """
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

    return URLLib3Session(
        verify=certificates or True,
        proxies=get_environ_proxies(origin),
        timeout=(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
        max_pool_connections=MAX_CONNECTIONS,
    )


@lru_cache(maxsize=1)
def _credential_source() -> Any:
    import boto3

    return boto3.Session().get_credentials()


def _credentials() -> Any:
    """Return the current credentials.

    Raises
    ------
    HttpError
        If there are none; the code is that of botocore.
    """
    source = _credential_source()
    if source is None:
        raise HttpError("NoCredentialsError")
    return source.get_frozen_credentials()
