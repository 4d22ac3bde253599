from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from jobs.common.aws import signed_http
from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.aws.clients import MAX_ATTEMPTS
from jobs.common.aws.signed_http import HttpError, Request, SignedSession
from tests.jobs.common.aws.http_server import Planned, Received, has_valid_signature, serving

SECRET = "a-secret-of-the-tests"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-identity")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token")
    signed_http._credential_source.cache_clear()
    yield
    signed_http._credential_source.cache_clear()


def session(waits: list[float]) -> SignedSession:
    return SignedSession("medical-imaging", "us-east-1", waits.append)


def answers(*planned: Planned) -> Callable[[Received], Planned]:
    """Return a function that gives each answer once, and the last one for ever."""
    left = list(planned)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/datastore/d/studies/1.2/series/x%2Fy%20z?b=2&a=%201&c="),
        Request("POST", "/datastore/d/studies", {"Content-Type": "x/y"}, b"body"),
    ],
    ids=["GET", "POST"],
)
def test_the_signature_is_right_for_another_implementation(request_: Request) -> None:
    with serving(answers(Planned())) as server:
        url = server.url + request_.url
        request = Request(request_.method, url, request_.headers, request_.body)
        session([]).send(request)
    (received,) = server.received
    assert has_valid_signature(received, SECRET)
    assert not has_valid_signature(received, "another-secret")
    assert "/us-east-1/medical-imaging/aws4_request" in received.headers["authorization"]
    assert received.headers["x-amz-security-token"] == "a-token"


@pytest.mark.parametrize("status", [409, 429, 500, 503])
def test_a_refused_get_is_sent_again_and_the_service_is_asked_less(status: int) -> None:
    waits: list[float] = []
    counts = {"admitted": 0, "throttled": 0}

    def count(name: str) -> Callable[[], None]:
        def add() -> None:
            counts[name] += 1

        return add

    refusal = Planned(status, b"{}", {"Retry-After": "7"})
    with serving(answers(refusal, refusal, Planned(200, b"found"))) as server:
        request = Request("GET", server.url)
        answer = session(waits).send(request, count("admitted"), count("throttled"))
    assert answer.body == b"found"
    assert waits == [7, 7]
    assert counts["admitted"] == 3
    assert counts["throttled"] == (2 if status in (429, 503) else 0)


def test_attempts_are_bounded_and_the_error_has_the_code_alone() -> None:
    waits: list[float] = []
    body = b'{"__type": "com.amazon#ThrottlingException", "message": "PATIENT^JANE"}'
    refusal = Planned(429, body, {"Content-Type": "application/json"})
    with serving(answers(refusal)) as server, pytest.raises(HttpError) as raised:
        session(waits).send(Request("GET", server.url + "/studies/1.2.3"))
    assert len(server.received) == MAX_ATTEMPTS
    assert len(waits) == MAX_ATTEMPTS - 1 and waits == sorted(waits)
    assert error_code(raised.value) == "ThrottlingException"
    sentence = describe_error("it failed", raised.value, "check it")
    assert sentence == "it failed (ThrottlingException); run the same command again"


@pytest.mark.parametrize(("status", "code"), [(403, "403"), (404, "404"), (400, "400")])
def test_an_error_that_stays_is_not_repeated(status: int, code: str) -> None:
    with serving(answers(Planned(status))) as server, pytest.raises(HttpError) as raised:
        session([]).send(Request("GET", server.url))
    assert len(server.received) == 1
    assert raised.value.code == code


def test_a_code_that_could_hold_anything_is_not_reported() -> None:
    planned = Planned(400, b"", {"x-amzn-ErrorType": "PATIENT^JANE was not found"})
    with serving(answers(planned)) as server, pytest.raises(HttpError) as raised:
        session([]).send(Request("GET", server.url))
    assert raised.value.code == "400"


def test_a_body_that_breaks_off_is_requested_again() -> None:
    broken = Planned(200, b"0123456789", sent=4)
    with serving(answers(broken, broken, Planned(200, b"0123456789"))) as server:
        answer = session([]).send(Request("GET", server.url))
    assert answer.body == b"0123456789"
    assert len(server.received) == 3


def test_an_answer_above_the_limit_is_refused_at_once() -> None:
    with serving(answers(Planned(200, bytes(5000)))) as server:
        assert len(session([]).send(Request("GET", server.url, max_bytes=5000)).body) == 5000
        with pytest.raises(HttpError, match="AnswerTooLarge"):
            session([]).send(Request("GET", server.url, max_bytes=4999))
    assert len(server.received) == 2


@pytest.mark.parametrize(("status", "attempts"), [(429, 2), (503, 2), (500, 1)])
def test_a_post_is_repeated_only_if_nothing_was_stored(status: int, attempts: int) -> None:
    with serving(answers(Planned(status), Planned(200))) as server:
        request = Request("POST", server.url, {}, b"body")
        if attempts == 1:
            with pytest.raises(HttpError):
                session([]).send(request)
        else:
            session([]).send(request)
    assert len(server.received) == attempts


def test_a_service_that_is_not_there_is_named_by_the_class_of_the_error() -> None:
    with serving(answers(Planned())) as server:
        url = server.url
    waits: list[float] = []
    with pytest.raises(HttpError, match="EndpointConnectionError"):
        session(waits).send(Request("GET", url))
    assert len(waits) == MAX_ATTEMPTS - 1


def test_missing_credentials_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    with pytest.raises(HttpError, match="NoCredentialsError") as raised:
        session([]).send(Request("GET", "http://127.0.0.1:9"))
    assert "valid AWS credentials" in describe_error("it failed", raised.value, "")
