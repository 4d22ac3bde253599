"""The stand-in keeps to the documented behaviour of the service."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jobs.common.aws.clients import get_client
from jobs.common.storage import s3_client
from tests.jobs.aws.dicom_files import make_dicom
from tests.jobs.aws.healthimaging_server import HealthImaging, healthimaging
from tests.jobs.aws.healthimaging_store import DataStore

ROLE = "arn:aws:iam::123456789012:role/importer"


def start(bucket: str, datastore: DataStore, token: str = "t", **more: Any) -> str:
    parameters = {
        "jobName": "job",
        "dataAccessRoleArn": ROLE,
        "clientToken": token,
        "datastoreId": datastore.id,
        "inputS3Uri": f"s3://{bucket}/in/",
        "outputS3Uri": f"s3://{bucket}/out/",
    }
    answer = get_client("medical-imaging").start_dicom_import_job(**(parameters | more))
    return str(answer["jobId"])


def wait(datastore: DataStore, job_id: str) -> dict[str, Any]:
    for _ in range(1000):
        client = get_client("medical-imaging")
        answer = client.get_dicom_import_job(datastoreId=datastore.id, jobId=job_id)
        properties: dict[str, Any] = answer["jobProperties"]
        if properties["jobStatus"] in ("COMPLETED", "FAILED"):
            return properties
    raise AssertionError("the job does not end")


def put(bucket: str, name: str, data: bytes) -> None:
    s3_client.get_client().put_object(Bucket=bucket, Key=f"in/{name}", Body=data)


def read(uri: str) -> bytes:
    bucket, _, key = uri[5:].partition("/")
    return bytes(s3_client.get_client().get_object(Bucket=bucket, Key=key)["Body"].read())


def test_a_job_writes_a_manifest_and_lists(bucket: str, datastore: DataStore) -> None:
    put(bucket, "a.dcm", make_dicom("2.25.1"))
    put(bucket, "b.dcm", make_dicom("2.25.2"))
    put(bucket, "c.dcm", b"no DICOM")
    datastore.warnings["2.25.2"] = "InvalidOffsetTable"
    job = wait(datastore, start(bucket, datastore))
    assert job["jobStatus"] == "COMPLETED"
    assert job["outputS3Uri"].endswith(f"/out/{datastore.id}-DicomImport-{job['jobId']}/")
    summary = json.loads(read(job["outputS3Uri"] + "job-output-manifest.json"))["jobSummary"]
    assert (summary["numberOfScannedFiles"], summary["numberOfImportedFiles"]) == (3, 2)
    failure = json.loads(read(summary["failureOutputS3Uri"] + "failure.ndjson"))
    assert failure["inputFile"] == "in/c.dcm"
    warning = json.loads(read(summary["warningsOutputS3Uri"] + "warning.ndjson"))
    (entry,) = warning["importResponse"]["warnings"]
    assert (entry["warning_reason_code"], entry["type"]) == (45330, "InvalidOffsetTable")
    names = [event["detail-type"] for event in datastore.events]
    assert names[0] == "Import Job Submitted" and names[-1] == "Import Job Completed"


def test_a_client_token_starts_one_job(bucket: str, datastore: DataStore) -> None:
    assert start(bucket, datastore) == start(bucket, datastore)
    with pytest.raises(ClientError, match="ConflictException"):
        start(bucket, datastore, jobName="other")


@pytest.mark.parametrize("more", [{"dataAccessRoleArn": "role-of-20-characters"}])
def test_a_request_must_meet_the_model(
    bucket: str, datastore: DataStore, more: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        start(bucket, datastore, **more)


def test_an_instance_imported_again_is_a_new_version(datastore: DataStore) -> None:
    first = datastore.add(make_dicom("2.25.1"))
    assert datastore.add(make_dicom("2.25.1", fill=9)) is first
    client = get_client("medical-imaging")
    versions = client.list_image_set_versions(datastoreId=datastore.id, imageSetId=first.id)
    assert [one["versionId"] for one in versions["imageSetPropertiesList"]] == ["2", "1"]


def test_conflicting_metadata_make_a_set_that_is_not_primary(datastore: DataStore) -> None:
    assert datastore.add(make_dicom("2.25.1")).is_primary
    assert not datastore.add(make_dicom("2.25.2", patient_id="P-2")).is_primary


def test_metadata_hold_the_checksum_of_each_frame(datastore: DataStore) -> None:
    image_set = datastore.add(make_dicom("2.25.1", frames=2))
    answer = get_client("medical-imaging").get_image_set_metadata(
        datastoreId=datastore.id, imageSetId=image_set.id
    )
    metadata = json.loads(gzip.decompress(answer["imageSetMetadataBlob"].read()))
    frames = metadata["Study"]["Series"]["2.25.20"]["Instances"]["2.25.1"]["ImageFrames"]
    sums = [frame["PixelDataChecksumFromBaseToFullResolution"][0]["Checksum"] for frame in frames]
    assert sums == [zlib.crc32(b"\x07\x00" * 32), zlib.crc32(b"\x08\x00" * 32)]


def test_a_deleted_image_set_is_locked_then_gone(datastore: DataStore) -> None:
    image_set = datastore.add(make_dicom("2.25.1"))
    datastore.polls_until_deleted = 1
    client = get_client("medical-imaging")
    criteria = {"filters": [{"operator": "EQUAL", "values": [{"DICOMPatientId": "P-1"}]}]}
    search = {"datastoreId": datastore.id, "searchCriteria": criteria}
    names = {"datastoreId": datastore.id, "imageSetId": image_set.id}
    assert len(client.search_image_sets(**search)["imageSetsMetadataSummaries"]) == 1
    client.delete_image_set(**names)
    assert client.get_image_set(**names)["imageSetState"] == "LOCKED"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.get_image_set(**names)
    assert client.search_image_sets(**search)["imageSetsMetadataSummaries"] == []


def test_requests_above_the_rate_are_throttled(
    s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch, bucket: str
) -> None:
    with healthimaging(s3_server, rate_factor=1e-6) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_MEDICAL_IMAGING", server.endpoint)
        store = server.add_store()
        state: HealthImaging = server
        import boto3
        from botocore.config import Config

        config = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False)
        client = boto3.client("medical-imaging", region_name="us-east-1", config=config)
        image_sets = [store.add(make_dicom("2.25.1", f"2.25.2{n}")) for n in range(2)]
        client.delete_image_set(datastoreId=store.id, imageSetId=image_sets[0].id)
        with pytest.raises(ClientError, match="ThrottlingException"):
            client.delete_image_set(datastoreId=store.id, imageSetId=image_sets[1].id)
        assert state.calls == ["DeleteImageSet", "DeleteImageSet"]
