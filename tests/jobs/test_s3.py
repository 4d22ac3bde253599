"""Sources, outputs, tables and leases on a real S3 server process."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest

from jobs.cli import main
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.arrow_rows import decode_rows
from jobs.common.delta.lease import DynamoLeaseStore, LeaseRecord, S3LeaseStore, hold_lease
from jobs.common.images.plugin import HEADER_BYTES, LARGE_BYTES, ImagePlugin
from jobs.common.run import worker
from jobs.common.run.preflight import ensure_writable
from jobs.common.run.work_items import BatchContext, ScannedItem
from jobs.common.secrets.key_provider import read_key
from jobs.common.sources import discovery
from jobs.common.sources.discovery import SourceRequest
from jobs.common.sources.packing import PackingLimits, pack
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.storage import s3_client
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import Location
from jobs.common.storage.objects import read_object, write_object
from safelight.deidentifier import SourceScan
from safelight.records import Refusal
from tests.jobs.conftest import KEY
from tests.jobs.listed_sources import list_sources
from tests.jobs.runs import fake_config, make_run_config, no_session, rows, run
from tests.jobs.summaries import parse_summary

#: Both makes of server, for what must not depend on one.
EITHER = pytest.mark.parametrize("bucket", ["s3_server", "strict_s3_server"], indirect=True)


def upload(bucket: str, key: str, data: bytes) -> str:
    s3_client.get_client().put_object(Bucket=bucket, Key=key, Body=data)
    return f"s3://{bucket}/{key}"


@EITHER
def test_listing_by_prefix_glob_key_and_manifest(bucket: str, tmp_path: Path) -> None:
    for key in ("scans/a/1.dcm", "scans/a/2", "scans/b/3.dcm", "scans-old/4.dcm", "scans/b/"):
        upload(bucket, key, key.encode())

    def keys(text: str) -> list[str]:
        found = list_sources(f"s3://{bucket}/{text}")
        return [source.uri.removeprefix(f"s3://{bucket}/") for source in found]

    assert keys("scans") == keys("scans/") == ["scans/a/1.dcm", "scans/a/2", "scans/b/3.dcm"]
    assert keys("scans/*/*.dcm") == ["scans/a/1.dcm", "scans/b/3.dcm"]
    assert keys("scans/a/2") == ["scans/a/2"]
    manifest = tmp_path / "manifest"
    manifest.write_text(f"s3a://{bucket}/scans/a/2\ns3://{bucket}/gone\n")
    request = SourceRequest(manifests=(str(manifest),))
    found = list(discovery.list_sources(request, no_session).sources())
    assert [(source.size, bool(source.version)) for source in found] == [(0, False), (9, True)]
    with pytest.raises(UsageError):
        keys("nothing/")
    with pytest.raises(JobError, match="cannot be read"):
        list_sources("s3://no-such-bucket/x")
    with pytest.raises(JobError, match="cannot be used"):
        ensure_writable("--output", "s3://no-such-bucket/x")


@EITHER
def test_objects_are_written_once_and_read_in_their_listed_version(bucket: str) -> None:
    def write(data: bytes) -> WriteOutcome:
        return write_object(f"s3://{bucket}/out/1.dcm", data, hashlib.sha256(data).hexdigest())

    assert [write(b"one"), write(b"one"), write(b"two")] == [
        WriteOutcome.NEW,
        WriteOutcome.SAME,
        WriteOutcome.CONFLICT,
    ]
    uri = upload(bucket, "in/doe-jane.dcm", b"first")
    (source,) = list_sources(uri)
    assert read_object(uri, source.version) == b"first"
    upload(bucket, "in/doe-jane.dcm", b"second")
    with pytest.raises(Refusal) as raised:
        read_object(uri, source.version)
    assert "jane" not in str(raised.value)


@EITHER
def test_a_range_without_an_end_is_the_rest_of_an_object(bucket: str) -> None:
    uri = upload(bucket, "in/1", b"0123456789")
    assert read_object(uri, None, 7) == b"789"
    assert read_object(uri, None, 2, 4) == b"23"


@pytest.mark.parametrize("kind", ["s3", "dynamodb"])
def test_only_one_holder_changes_a_lease(bucket: str, kind: str) -> None:
    place = Location(bucket, f"tables-{kind}")
    if kind == "dynamodb":
        boto3.client("dynamodb").create_table(
            TableName="leases",
            KeySchema=[{"AttributeName": "lease", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "lease", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        store: Any = DynamoLeaseStore("leases", place)
    else:
        store = S3LeaseStore(place)
    empty = store.read()
    assert empty.record is None
    assert store.swap(LeaseRecord("a", time.time() + 60, 1), empty.version)
    assert not store.swap(LeaseRecord("b", 1.0, 1), empty.version)
    current = store.read()
    assert (current.record.holder, current.record.token) == ("a", 1)
    assert store.swap(LeaseRecord("a", 2.0, 1), current.version)
    assert not store.swap(LeaseRecord("b", 3.0, 2), current.version)
    with hold_lease(place, "leases" if kind == "dynamodb" else None) as lease:
        lease.check()
        assert lease.token == 2


def test_a_key_from_secrets_manager(bucket: str) -> None:
    client = boto3.client("secretsmanager")
    client.create_secret(Name="safelight", SecretString=KEY.hex())
    assert read_key("aws-secretsmanager:safelight") == KEY
    with pytest.raises(UsageError, match="ResourceNotFound"):
        read_key("aws-secretsmanager:other")


@EITHER
def test_the_job_runs_from_bucket_to_bucket(
    spark_on_s3: Any, bucket: str, capfd: pytest.CaptureFixture[str]
) -> None:
    place = f"s3://{bucket}/job"
    for n in range(4):
        upload(bucket, f"job/in/a/{n}.dcm", f"1.1 1.2 1.3.{n} plain words {n}".encode())
    upload(bucket, "job/in/doe-jane.txt", b"")
    assert run(place) == 0
    instances = rows(spark_on_s3, place, "instances")
    listed = s3_client.get_client().list_objects_v2(Bucket=bucket, Prefix="job/out/")["Contents"]
    written = {f"s3://{bucket}/{entry['Key']}" for entry in listed}
    assert written == {row.output_uri for row in instances} - {None}
    assert len(written) == 4 and len(instances) == 5
    assert run(place, "r2") == 0
    captured = capfd.readouterr()
    assert parse_summary(captured.out)["skipped"] == 5
    assert "jane" not in captured.out + captured.err
    assert next(make_run_config(place).listing.sources()).uri.startswith(place)

    export = ["export", "--tables", f"{place}/tables", "--output", f"s3://{bucket}/releases",
              "--release", "one", "--where", "modality = 'CT'", "--include-unverified"]  # fmt: skip
    for copied in (4, 0):
        assert main(export) == 0
        assert parse_summary(capfd.readouterr().out)["copied"] == copied
    listed = s3_client.get_client().list_objects_v2(Bucket=bucket, Prefix="releases/one/")[
        "Contents"
    ]
    assert len(listed) == 5


@pytest.mark.parametrize("bucket", ["strict_s3_server"], indirect=True)
def test_wrong_credentials_are_reported_before_any_work(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-credential")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    s3_client.get_client.cache_clear()
    with pytest.raises(JobError, match=f"bucket {bucket} cannot be used"):
        ensure_writable("--output", f"s3://{bucket}/clean")
    with pytest.raises(JobError, match=f"bucket {bucket} at .* cannot be read: Signature"):
        list_sources(f"s3://{bucket}/scans")


@pytest.mark.parametrize("header_suffices", [True, False])
@EITHER
def test_a_scan_of_a_large_object_fetches_only_its_header(
    bucket: str, header_suffices: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"1.1 1.2 1.3 words" + bytes(LARGE_BYTES)
    uri = upload(bucket, "in/large", data)
    fetched: list[int] = []

    def count(*arguments: Any) -> bytes:
        fetched.append(len(got := read_object(*arguments)))
        return got

    class Deidentifier:
        def __init__(self, config: Any):
            pass

        def scan_start(self, start: bytes, size: int) -> Any:
            assert (start, size) == (data[:HEADER_BYTES], len(data))
            return SourceScan(frozenset({"words"})) if header_suffices else None

        def scan(self, whole: bytes) -> Any:
            assert whole == data
            return SourceScan(frozenset({"words"}))

    monkeypatch.setattr("jobs.common.storage.prefetch.read_object", count)
    monkeypatch.setattr(worker, "read_object", count)
    plugin = ImagePlugin(Deidentifier)
    out = f"s3://{bucket}/out"
    context = BatchContext(fake_config(), out, out, out, "r1", 0, "fake", ObjectLimits())
    listing = discovery.list_sources(SourceRequest((uri,)), no_session)
    listing = listing.with_source_ids(fake_config().pseudonyms())
    (task,) = pack(listing, PackingLimits(1 << 30, 100, 1), plugin.list_items)
    batch = pa.record_batch({"items": pa.array([task.items], pa.binary())})
    (scanned,) = decode_rows(ScannedItem, worker.scan_task(plugin, context)([batch]))
    assert [entry.text for entry in scanned.texts] == ["words"]
    rest = len(data) - HEADER_BYTES
    assert fetched == ([HEADER_BYTES] if header_suffices else [HEADER_BYTES, rest])
