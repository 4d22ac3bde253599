from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from jobs.aws.trigger import handler
from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.handler import handle
from jobs.aws.trigger.pending_events import PendingEvents
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage.location import Location
from tests.jobs.aws.trigger.events import bridge_message, event, sqs_record
from tests.jobs.aws.trigger.test_settings import VARIABLES

#: Nothing that is not in the runtime of Lambda.
FOREIGN = "pyspark delta deltalake pyarrow pydicom numpy pandas yaml safelight".split()


class Invocation:
    """Context of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def application(
    control: Location, batches_table: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Return an application of EMR Serverless, and set the variables of the function."""
    created = boto3.client("emr-serverless").create_application(
        name="safelight", releaseLabel="emr-7.14.0", type="SPARK", clientToken=control.bucket
    )
    variables = VARIABLES | {
        "SAFELIGHT_CONTROL": control.uri,
        "SAFELIGHT_BATCHES_TABLE": batches_table,
        "SAFELIGHT_APPLICATION_ID": created["applicationId"],
        "SAFELIGHT_QUIET_SECONDS": "0",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    handler._settings.cache_clear()
    yield created["applicationId"]
    handler._settings.cache_clear()


def list_runs(application: str) -> list[dict[str, Any]]:
    client = boto3.client("emr-serverless")
    found = client.list_job_runs(applicationId=application)["jobRuns"]
    return [
        client.get_job_run(applicationId=application, jobRunId=run["id"])["jobRun"] for run in found
    ]


def test_a_message_starts_a_run_over_a_manifest(application: str, control: Location) -> None:
    message = sqs_record(bridge_message(event("in/a.dcm")))
    assert handle({"Records": [message]}, Invocation()) == {
        "batchItemFailures": [],
        "decision": "started",
    }
    (run,) = list_runs(application)
    arguments = run["jobDriver"]["sparkSubmit"]["entryPointArguments"]
    manifest = arguments[arguments.index("--manifest") + 1]
    digest = manifest.rpartition("/")[2].removesuffix(".csv")
    assert manifest == f"{control.uri}/batches/{digest}.csv"
    assert arguments[:3] == ["deidentify", "--output", "s3://clean/images/"]
    assert arguments[-2:] == ["--run-id", f"upload-{digest[:16]}"]
    assert run["name"] == f"safelight-upload-{digest[:16]}"


def test_a_tick_ends_the_batch_of_a_run_that_has_ended(application: str) -> None:
    handle({"Records": [sqs_record(bridge_message(event()))]}, Invocation())
    assert handle({"source": "aws.scheduler"}, None) == {"decision": "collecting"}
    assert len(list_runs(application)) == 1


def test_a_poison_message_is_reported_without_its_content(
    application: str, capfd: pytest.CaptureFixture[str]
) -> None:
    records = [
        sqs_record("JANE DOE", "poison"),
        sqs_record(bridge_message(event("in/JANE DOE.dcm")), "good"),
    ]
    answer = handle({"Records": records}, Invocation())
    assert answer["batchItemFailures"] == [{"itemIdentifier": "poison"}]
    printed = "".join(capfd.readouterr())
    assert "messages_refused" in printed
    assert "JANE" not in printed
    (run,) = list_runs(application)
    assert "JANE" not in str(run)


def test_a_refused_run_does_not_return_collected_messages_to_the_queue(
    application: str, folder: ControlFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_EMR_SERVERLESS", "http://127.0.0.1:9")
    monkeypatch.setattr("jobs.common.aws.clients.MAX_ATTEMPTS", 1)
    get_client.cache_clear()
    record = sqs_record(bridge_message(event()))
    assert handle({"Records": [record]}, Invocation()) == {"batchItemFailures": []}
    assert len(PendingEvents(folder).list_files()) == 1
    with pytest.raises(JobError, match="the run of a batch cannot be started"):
        handle({}, Invocation())


def test_a_tick_logs_the_age_of_pending_uploads(
    application: str,
    folder: ControlFolder,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SAFELIGHT_QUIET_SECONDS", "900")
    handler._settings.cache_clear()
    PendingEvents(folder).add([event("in/JANE DOE.dcm"), event("in/b.dcm")])
    handle({}, Invocation())
    (line,) = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert (line["event"], line["count"]) == ("uploads_pending", 2)
    assert 0 <= line["seconds"] < 60


def test_an_unexpected_error_is_reported_without_its_message(
    application: str, folder: ControlFolder
) -> None:
    folder.write_new("pending/0-1.jsonl", b'{"JANE DOE"')
    with pytest.raises(JobError) as raised:
        handle({}, Invocation())
    assert re.fullmatch(
        r"unexpected JSONDecodeError in decoder.py, line \d+; report it", str(raised.value)
    )
    assert raised.value.__suppress_context__


def test_messages_stay_in_the_queue_if_they_cannot_be_stored(
    application: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFELIGHT_CONTROL", "s3://absent-bucket/manifests")
    handler._settings.cache_clear()
    with pytest.raises(JobError, match=r"cannot be written \(NoSuchBucket\); check the name") as e:
        handle({"Records": [sqs_record(bridge_message(event("in/JANE.dcm")))]}, Invocation())
    assert "JANE" not in str(e.value)


def test_a_missing_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    handler._settings.cache_clear()
    with pytest.raises(UsageError, match="the trigger lacks SAFELIGHT_CONTROL"):
        handle({}, None)


def test_the_function_imports_what_lambda_has() -> None:
    program = (
        "import sys, jobs.aws.trigger.handler\n"
        f"print([name for name in {FOREIGN!r} if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    assert shown == "[]\n"
