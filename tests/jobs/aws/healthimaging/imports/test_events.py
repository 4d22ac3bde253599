from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from jobs.aws.healthimaging.imports import importer
from jobs.aws.healthimaging.imports.chunk_store import ChunkStore
from jobs.aws.healthimaging.imports.events import (
    STAGING_VARIABLE,
    ImportEvent,
    handle,
    read_event,
)
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage.location import parse_uri
from tests.jobs.aws.healthimaging.conftest import ImportPlace

#: Event of the page "Using Amazon EventBridge with HealthImaging".
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "7cf0fb1c-8720-4d48-baa3-6eb97b35a10e",
    "detail-type": "Import Job Completed",
    "source": "aws.medical-imaging",
    "account": "111122223333",
    "time": "2024-03-14T00:01:00Z",
    "region": "us-west-2",
    "resources": ["arn:aws:medical-imaging:us-west-2:111122223333:datastore/" + "b" * 32],
    "detail": {
        "imagingVersion": "1.0",
        "datastoreId": "b" * 32,
        "jobId": "a" * 32,
        "jobName": "test",
        "jobStatus": "COMPLETED",
        "inputS3Uri": "s3://healthimaging-test-bucket/pathology/",
        "outputS3Uri": "s3://healthimaging-test-bucket/pathology-out/",
    },
}


def change(**detail: Any) -> dict[str, Any]:
    return {**EVENT, "detail": {**EVENT["detail"], **detail}}


def test_the_end_of_a_job_is_read() -> None:
    assert read_event(EVENT) == ImportEvent("b" * 32, "a" * 32, "COMPLETED")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {**EVENT, "source": "aws.s3"},
        {**EVENT, "detail": None},
        change(jobStatus="IN_PROGRESS"),
        change(jobId="../../tables"),
        change(datastoreId=""),
    ],
)
def test_another_event_is_ignored(event: dict[str, Any]) -> None:
    assert handle(event, None) == {"job": ""}


def test_a_repeated_event_is_recorded_once(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STAGING_VARIABLE, f"s3://{bucket}/staging")
    for _ in range(2):
        assert handle(EVENT, None) == {"job": "a" * 32}
    store = ChunkStore(parse_uri(f"s3://{bucket}/staging"), "b" * 32)
    assert store.list_ended_jobs() == {"a" * 32}


def test_a_missing_variable_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STAGING_VARIABLE, raising=False)
    with pytest.raises(UsageError, match=STAGING_VARIABLE):
        handle(EVENT, None)


def test_a_bucket_that_cannot_be_written_lets_the_event_come_again(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STAGING_VARIABLE, "s3://no-such-bucket-2/staging")
    with pytest.raises(JobError, match="cannot be recorded"):
        handle(EVENT, None)


def test_an_event_saves_the_wait_for_the_next_poll(
    place: ImportPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second poll is due after a day: without the event, the test would not end."""
    place.put(1)
    monkeypatch.setattr(importer, "_POLL_FACTOR", 1e7)
    monkeypatch.setattr(importer, "_MAX_POLL_FACTOR", 1e7)
    monkeypatch.setenv(STAGING_VARIABLE, place.staging)
    place.datastore.on_event = lambda event: handle(event, None)
    assert place.run_import() == 0
    assert len(place.rows()) == 1


def test_the_handler_needs_no_library_of_the_jobs() -> None:
    code = (
        "import sys, jobs.aws.healthimaging.imports.events\n"
        "heavy = {'pyspark', 'delta', 'deltalake', 'pyarrow', 'pydicom', 'numpy', 'safelight'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
