"""Faults between an upload and its run. No upload is lost, and none is in two runs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError
from jobs.common.delta.lease import DynamoLeaseStore, LeaseRecord
from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri
from tests.faults.leak_hunt import find_words
from tests.jobs.aws.end_to_end.conftest import LocalFunction
from tests.jobs.aws.end_to_end.event_source import deliver, receive, settle
from tests.jobs.aws.end_to_end.system import System
from tests.jobs.aws.lambda_runtime import LambdaFunction

#: Parts of the keys of uploads: the name of a patient.
NAMES = ("DOE", "Archibald")

KEYS = tuple(f"DOE_Archibald/{number}.dcm" for number in range(4))

#: Services that the function calls.
SERVICES = ("dynamodb", "emr-serverless")

TICK = {"source": "aws.events"}


def upload(system: System, *keys: str, content: bytes = b"data") -> None:
    for key in keys:
        system.client("s3").put_object(
            Bucket=system.bucket("raw"), Key=f"{system.prefix}{key}", Body=content
        )


def manifests(system: System) -> dict[str, list[str]]:
    """Return the keys in the manifest of each run, by its URI."""
    found = {}
    for run in system.list_runs():
        arguments = run["jobDriver"]["sparkSubmit"]["entryPointArguments"]
        location = parse_uri(arguments[arguments.index("--manifest") + 1])
        body = system.client("s3").get_object(Bucket=location.bucket, Key=location.path)["Body"]
        lines = body.read().decode().splitlines()[1:]
        found[location.uri] = [line.split(",")[1].removeprefix(system.prefix) for line in lines]
    return found


def assert_one_run(system: System, keys: tuple[str, ...] = KEYS) -> None:
    """Check that all uploads are in one manifest, of which all runs are attempts."""
    (named,) = manifests(system).values()
    assert named == list(keys)
    batches = [item for item in system.list_items("batches") if "state" in item]
    assert len(batches) == 1


def order(records: list[dict[str, Any]], sequencer: str) -> list[dict[str, Any]]:
    """Return messages with a sequencer; moto gives all events the same one."""
    ordered = []
    for record in records:
        body = json.loads(record["body"])
        body["detail"]["object"]["sequencer"] = sequencer
        ordered.append(record | {"body": json.dumps(body)})
    return ordered


def test_an_upload_starts_a_run_in_the_interface_client(
    fresh_system: System, remote_function: LambdaFunction
) -> None:
    upload(fresh_system, *KEYS)
    assert deliver(fresh_system, remote_function)["decision"] == "started"
    assert_one_run(fresh_system)
    assert not find_words(remote_function.log.encode(), NAMES)


def test_a_function_that_is_invoked_twice_at_once_starts_one_run(
    fresh_system: System, local_function: LocalFunction
) -> None:
    upload(fresh_system, *KEYS)
    records = receive(fresh_system)
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(local_function.invoke({"Records": records})))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    assert all(answer["batchItemFailures"] == [] for answer in answers)
    local_function.invoke(TICK)
    assert_one_run(fresh_system)
    assert len(fresh_system.list_runs()) == 1


def test_a_message_that_is_delivered_again_starts_no_run(
    fresh_system: System, local_function: LocalFunction
) -> None:
    upload(fresh_system, *KEYS)
    records = receive(fresh_system)
    local_function.invoke({"Records": records})
    settle(fresh_system, records, {record["messageId"] for record in records})  # not deleted
    assert deliver(fresh_system, local_function)["decision"] == "collecting"
    assert len(fresh_system.list_runs()) == 1
    assert receive(fresh_system) == []


def test_events_in_any_order_name_the_newest_version(
    fresh_system: System, local_function: LocalFunction
) -> None:
    upload(fresh_system, "a.dcm", content=b"old")
    first = order(receive(fresh_system), "0055AED6DCD90281E5")
    upload(fresh_system, "a.dcm", content=b"new!")
    second = order(receive(fresh_system), "0055AED6DCD90281E6")
    local_function.invoke({"Records": [*second, *first]})
    (uri,) = manifests(fresh_system)
    location = parse_uri(uri)
    stored = fresh_system.client("s3").get_object(Bucket=location.bucket, Key=location.path)
    (line,) = stored["Body"].read().decode().splitlines()[1:]
    head = fresh_system.client("s3").head_object(
        Bucket=fresh_system.bucket("raw"), Key=f"{fresh_system.prefix}a.dcm"
    )
    assert line.split(",")[2:4] == [head["VersionId"], "4"]


def test_a_deleted_upload_is_in_no_run(fresh_system: System, local_function: LocalFunction) -> None:
    upload(fresh_system, "a.dcm", "b.dcm")
    records = receive(fresh_system)
    body = json.loads(records[0]["body"])
    body["detail-type"] = "Object Deleted"  # moto sends no event of a deletion
    body["detail"]["object"] = {"key": body["detail"]["object"]["key"], "sequencer": "99"}
    deletion = records[0] | {"body": json.dumps(body), "messageId": "deletion"}
    local_function.invoke({"Records": [deletion, *records]})
    assert list(manifests(fresh_system).values()) == [["b.dcm"]]


def test_a_poison_message_ends_in_the_dead_letter_queue(
    fresh_system: System, local_function: LocalFunction, capfd: pytest.CaptureFixture[str]
) -> None:
    sqs = fresh_system.client("sqs")
    sqs.send_message(QueueUrl=fresh_system.queue_url, MessageBody="DOE^Archibald")
    upload(fresh_system, *KEYS)
    for _ in range(7):
        deliver(fresh_system, local_function)
    dead = sqs.receive_message(QueueUrl=fresh_system.dead_letter_url)["Messages"]
    assert [message["Body"] for message in dead] == ["DOE^Archibald"]
    assert receive(fresh_system) == []
    assert_one_run(fresh_system)
    assert not find_words("".join(capfd.readouterr()).encode(), NAMES)


def test_uploads_wait_for_the_lease_of_a_dead_run(
    fresh_system: System, local_function: LocalFunction
) -> None:
    tables = parse_uri(f"s3://{fresh_system.bucket('tables')}/tables")
    store = DynamoLeaseStore(f"{fresh_system.name}-lease", tables)
    expires = time.time() + 2.0
    store.swap(LeaseRecord("a run that was killed", expires, 7), None)
    upload(fresh_system, *KEYS)
    assert deliver(fresh_system, local_function)["decision"] == "waiting"
    assert fresh_system.list_runs() == []
    time.sleep(max(0.0, expires - time.time()) + 0.01)
    assert local_function.invoke(TICK) == {"decision": "started"}
    assert_one_run(fresh_system)


class Throttle:
    """Refusal of one call, counted over all services."""

    def __init__(self, call: int):
        self._call = call
        self.calls = 0

    def refuse_json(self, request: Any, **_: Any) -> AWSResponse | None:
        """Refuse a call as DynamoDB and EMR Serverless do."""
        body = b'{"__type": "ThrottlingException", "message": "DOE^Archibald"}'
        return self._refuse(request, 400, body, {"x-amzn-errortype": "ThrottlingException"})

    def refuse_xml(self, request: Any, **_: Any) -> AWSResponse | None:
        """Refuse a call as S3 does."""
        body = b"<Error><Code>SlowDown</Code><Message>DOE^Archibald</Message></Error>"
        return self._refuse(request, 503, body, {})

    def _refuse(
        self, request: Any, status: int, body: bytes, headers: dict[str, str]
    ) -> AWSResponse | None:
        self.calls += 1
        if self.calls - 1 != self._call:
            return None
        return AWSResponse(request.url, status, headers, _Raw(body))


class _Raw:
    """Body of a response."""

    def __init__(self, body: bytes):
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._body


@contextmanager
def throttled(call: int) -> Iterator[Throttle]:
    """Throttle one of the calls of an invocation, without another attempt."""
    throttle = Throttle(call)
    refusals = {s3_client.get_client(): throttle.refuse_xml}
    refusals |= {get_client(service): throttle.refuse_json for service in SERVICES}
    for client, refuse in refusals.items():
        client.meta.events.register_first("before-send.*", refuse, unique_id="throttle")
    try:
        yield throttle
    finally:
        for client in refusals:
            client.meta.events.unregister("before-send.*", unique_id="throttle")


@pytest.fixture
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no client repeat a request, or wait after a refusal."""
    limiter = "botocore.retries.adaptive.ClientRateLimiter.on_sending_request"
    monkeypatch.setattr(limiter, lambda *_, **__: None)
    monkeypatch.setattr("jobs.common.aws.clients.MAX_ATTEMPTS", 1)
    monkeypatch.setattr("jobs.common.storage.s3_client.MAX_ATTEMPTS", 1)


@pytest.mark.usefixtures("one_attempt")
def test_any_throttled_call_delays_the_run_only(
    fresh_system: System, local_function: LocalFunction, capfd: pytest.CaptureFixture[str]
) -> None:
    with throttled(-1) as counted:
        upload(fresh_system, "first.dcm")
        deliver(fresh_system, local_function)
    calls = counted.calls
    assert calls > 8
    local_function.invoke(TICK)
    refused = 0
    for call in range(calls):
        upload(fresh_system, f"{call}.dcm")
        with throttled(call):
            refused += invoke_with_errors(fresh_system, local_function)
        while pending_messages(fresh_system):
            invoke_with_errors(fresh_system, local_function)
        local_function.invoke(TICK)  # starts the run
        local_function.invoke(TICK)  # ends the batch
    named = [key for keys in manifests(fresh_system).values() for key in keys]
    assert sorted(named) == sorted(["first.dcm", *(f"{call}.dcm" for call in range(calls))])
    assert refused
    assert not find_words("".join(capfd.readouterr()).encode(), NAMES)


def pending_messages(system: System) -> bool:
    """Return whether the queue has messages."""
    attributes = system.client("sqs").get_queue_attributes(
        QueueUrl=system.queue_url, AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    return attributes["ApproximateNumberOfMessages"] != "0"


def invoke_with_errors(system: System, function: LocalFunction) -> int:
    """Deliver messages; return 1 if an error has returned them to the queue."""
    records = receive(system)
    try:
        answer = function.invoke({"Records": records})
    except JobError as error:
        assert not find_words(str(error).encode(), NAMES)
        settle(system, records, {record["messageId"] for record in records})
        return 1
    settle(system, records, {f["itemIdentifier"] for f in answer["batchItemFailures"]})
    return 0
