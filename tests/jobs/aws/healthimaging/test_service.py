"""Every call is checked against the model of botocore by its Stubber."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from jobs.aws.healthimaging import service
from jobs.aws.healthimaging.service import DataStoreClient, JobRequest, ServiceError
from jobs.common.cli.errors import JobError, UsageError

STORE, IMAGE_SET, JOB = "d" * 32, "e" * 32, "f" * 32
MOMENT = datetime(2026, 1, 2, tzinfo=timezone.utc)
NAMES = {"datastoreId": STORE}
REQUEST = JobRequest(
    "safelight-1",
    "token",
    "arn:aws:iam::123456789012:role/r",
    "s3://bucket/in/",
    "s3://bucket/out/",
)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client(
        "medical-imaging", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    monkeypatch.setattr(service, "get_client", lambda *_: client)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(stub: Stubber, waits: list[float]) -> DataStoreClient:
    return DataStoreClient(STORE, sleep=waits.append)


def metadata(document: Any) -> dict[str, Any]:
    blob = gzip.compress(json.dumps(document).encode())
    return {"imageSetMetadataBlob": StreamingBody(io.BytesIO(blob), len(blob))}


def describe_store(status: str) -> dict[str, Any]:
    names = {"datastoreId": STORE, "datastoreName": "clean", "datastoreStatus": status}
    return {"datastoreProperties": names}


def test_a_data_store_must_be_active(stub: Stubber, client: DataStoreClient) -> None:
    stub.add_response("get_datastore", describe_store("ACTIVE"), NAMES)
    client.require_active()
    stub.add_response("get_datastore", describe_store("DELETING"), NAMES)
    with pytest.raises(UsageError, match="DELETING; wait until it is ACTIVE"):
        client.require_active()


def test_a_job_is_started_with_its_token(stub: Stubber, client: DataStoreClient) -> None:
    stub.add_response(
        "start_dicom_import_job",
        {"datastoreId": STORE, "jobId": JOB, "jobStatus": "SUBMITTED", "submittedAt": MOMENT},
        {
            **NAMES,
            "jobName": "safelight-1",
            "clientToken": "token",
            "dataAccessRoleArn": REQUEST.role_arn,
            "inputS3Uri": "s3://bucket/in/",
            "outputS3Uri": "s3://bucket/out/",
        },
    )
    assert client.start_job(REQUEST) == JOB


def test_a_job_is_found_by_its_name(stub: Stubber, client: DataStoreClient) -> None:
    def summary(name: str, status: str, job: str) -> dict[str, Any]:
        return {
            "jobId": job, "jobName": name, "jobStatus": status, "datastoreId": STORE,
            "submittedAt": MOMENT,
        }  # fmt: skip

    first = [summary("other", "COMPLETED", "1"), summary("name", "FAILED", "2")]
    stub.add_response(
        "list_dicom_import_jobs",
        {"jobSummaries": first, "nextToken": "t"},
        {**NAMES, "maxResults": 50},
    )
    stub.add_response(
        "list_dicom_import_jobs",
        {"jobSummaries": [summary("name", "IN_PROGRESS", "3")]},
        {**NAMES, "maxResults": 50, "nextToken": "t"},
    )
    assert client.find_job("name") == "3"


def test_the_state_of_a_job_has_its_output(stub: Stubber, client: DataStoreClient) -> None:
    properties = {
        "jobId": JOB, "jobName": "n", "jobStatus": "COMPLETED", "datastoreId": STORE,
        "dataAccessRoleArn": REQUEST.role_arn, "inputS3Uri": "s3://bucket/in/",
        "outputS3Uri": "s3://bucket/out/x/",
    }  # fmt: skip
    stub.add_response(
        "get_dicom_import_job", {"jobProperties": properties}, {**NAMES, "jobId": JOB}
    )
    state = client.get_job(JOB)
    assert state.has_ended and state.output_uri == "s3://bucket/out/x/"


def test_image_sets_are_searched_by_one_value(stub: Stubber, client: DataStoreClient) -> None:
    criteria = {"filters": [{"operator": "EQUAL", "values": [{"DICOMPatientId": "P-1"}]}]}
    found = {"imageSetId": IMAGE_SET, "version": 3, "isPrimary": False}
    stub.add_response(
        "search_image_sets",
        {"imageSetsMetadataSummaries": [found]},
        {**NAMES, "maxResults": 50, "searchCriteria": criteria},
    )
    (one,) = client.search("DICOMPatientId", "P-1")
    assert (one.id, one.version, one.is_primary) == (IMAGE_SET, 3, False)


def test_checksums_are_read_once_the_metadata_are_processed(
    stub: Stubber, client: DataStoreClient, waits: list[float]
) -> None:
    frame = {"PixelDataChecksumFromBaseToFullResolution": [{"Checksum": 1}, {"Checksum": 2}]}
    document = {"Study": {"Series": {"s": {"Instances": {"i": {"ImageFrames": [frame]}, "j": {}}}}}}
    stub.add_client_error("get_image_set_metadata", "ConflictException", http_status_code=409)
    names = {**NAMES, "imageSetId": IMAGE_SET}
    stub.add_response("get_image_set_metadata", metadata(document), names)
    assert client.read_checksums(IMAGE_SET) == {"i": [2], "j": []}
    assert len(waits) == 1


def test_metadata_of_another_format_are_an_error(stub: Stubber, client: DataStoreClient) -> None:
    names = {**NAMES, "imageSetId": IMAGE_SET}
    stub.add_response("get_image_set_metadata", metadata({"Study": {}}), names)
    with pytest.raises(JobError, match="--frame-checksums off"):
        client.read_checksums(IMAGE_SET)


def test_an_image_set_is_deleted(stub: Stubber, client: DataStoreClient) -> None:
    names = {**NAMES, "imageSetId": IMAGE_SET}
    stub.add_response(
        "delete_image_set",
        {
            **names,
            "imageSetState": "LOCKED",
            "imageSetWorkflowStatus": "DELETING",
        },
        names,
    )
    client.delete_image_set(IMAGE_SET)
    stub.add_client_error("get_image_set", "ResourceNotFoundException", http_status_code=404)
    assert client.image_set_state(IMAGE_SET) == "DELETED"


def test_versions_are_counted(stub: Stubber, client: DataStoreClient) -> None:
    versions = [
        {"imageSetId": IMAGE_SET, "versionId": str(n), "imageSetState": "ACTIVE"} for n in (2, 1)
    ]
    names = {**NAMES, "imageSetId": IMAGE_SET, "maxResults": 50}
    stub.add_response("list_image_set_versions", {"imageSetPropertiesList": versions}, names)
    assert client.count_versions(IMAGE_SET) == 2


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "grant the driver"),
        ("ServiceQuotaExceededException", "request a higher quota"),
        ("ValidationException", "check the arguments"),
        ("NotAcceptableException", "check the arguments and the permissions"),
    ],
)
def test_an_error_says_what_to_do_and_quotes_nothing(
    stub: Stubber, client: DataStoreClient, code: str, advice: str
) -> None:
    stub.add_client_error("start_dicom_import_job", code, "s3://bucket/Doe^Jane.dcm")
    with pytest.raises(ServiceError, match=advice) as error:
        client.start_job(REQUEST)
    assert error.value.code == code and "Doe" not in str(error.value)
