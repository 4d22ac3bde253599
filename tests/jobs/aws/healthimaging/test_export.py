from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from jobs.aws.healthimaging.export import Export, plan_export
from jobs.cli import main
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.storage import s3_client
from tests.jobs.aws.dicom_files import make_dicom
from tests.jobs.aws.healthimaging_server import HealthImaging
from tests.jobs.aws.healthimaging_store import DataStore
from tests.jobs.runs import no_session
from tests.jobs.summaries import parse_summary

RETRIEVE = pytest.mark.parametrize("retrieve", ["dicomweb", "frames"])


def export(store: DataStore, output: Path | str, **more: Any) -> int:
    given = {
        "datastore": store.id, "region": None, "retrieve": "dicomweb", "output": str(output),
        "manifest": None, "threads": 4,
    } | more  # fmt: skip
    return Export(plan_export(argparse.Namespace(**given))).run()


def summary(capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found = parse_summary(capfd.readouterr().out)
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def fill(datastore: DataStore, count: int = 5) -> list[bytes]:
    originals = [make_dicom(f"1.1.1.{n}", "1.1.1", "1.1", fill=n) for n in range(count)]
    for data in originals:
        datastore.add(data)
    return originals


@RETRIEVE
def test_a_data_store_is_copied_and_the_same_command_copies_nothing_more(
    datastore: DataStore, tmp_path: Path, capfd: pytest.CaptureFixture[str], retrieve: str
) -> None:
    originals = fill(datastore)
    assert export(datastore, tmp_path / "out", retrieve=retrieve) == ExitCode.DONE
    counts = summary(capfd)
    assert (counts["seen"], counts["exported"], counts["failed"]) == (5, 5, 0)
    (image_set,) = datastore.image_sets
    folder = tmp_path / "out" / "1.1" / "1.1.1" / f"{image_set}-1"
    assert names(tmp_path) == [f"1.1.1.{n}.dcm" for n in range(5)]
    if retrieve == "dicomweb":
        assert [(folder / f"1.1.1.{n}.dcm").read_bytes() for n in range(5)] == originals
    assert export(datastore, tmp_path / "out", retrieve=retrieve) == ExitCode.DONE
    counts = summary(capfd)
    assert (counts["exported"], counts["skipped"]) == (0, 5)


def test_an_export_that_was_killed_is_completed(
    datastore: DataStore,
    healthimaging_server: HealthImaging,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    fill(datastore)
    assert export(datastore, tmp_path) == ExitCode.DONE
    for path in list(tmp_path.rglob("*.dcm"))[:2]:
        path.unlink()
    (tmp_path / ".partial-left-by-a-killed-process").write_bytes(b"DI")
    healthimaging_server.calls.clear()
    assert export(datastore, tmp_path) == ExitCode.DONE
    assert healthimaging_server.calls.count("GetDICOMInstance") == 2
    assert names(tmp_path) == [f"1.1.1.{n}.dcm" for n in range(5)]


def test_a_new_version_is_exported_beside_the_old_one_and_the_manifest_names_it(
    datastore: DataStore, tmp_path: Path
) -> None:
    fill(datastore, 1)
    manifest = tmp_path / "manifest.csv"
    export(datastore, tmp_path / "out", manifest=str(manifest))
    datastore.add(make_dicom("1.1.1.0", "1.1.1", "1.1", fill=9))
    export(datastore, tmp_path / "out", manifest=str(manifest))
    assert len(names(tmp_path / "out")) == 2
    listing = list_sources(SourceRequest(manifests=(str(manifest),)), no_session)
    (source,) = listing.sources()
    assert source.uri.endswith("-2/1.1.1.0.dcm") and source.version


def test_image_sets_that_are_not_primary_are_exported_as_well(
    datastore: DataStore, tmp_path: Path
) -> None:
    fill(datastore, 1)
    datastore.add(make_dicom("1.1.1.0", "1.1.1", "1.1", AccessionNumber="another"))
    export(datastore, tmp_path)
    assert names(tmp_path) == ["1.1.1.0.dcm"] * 2


def test_an_instance_that_cannot_be_read_is_counted_without_its_uids(
    datastore: DataStore,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(datastore, 3)
    monkeypatch.setattr(
        "jobs.common.storage.healthimaging_objects.memory_for_one_source", lambda: 100
    )
    assert export(datastore, tmp_path) == ExitCode.FAILED
    captured = capfd.readouterr()
    assert parse_summary(captured.out)["failed"] == 3
    assert "3 instances: the source cannot be read (AnswerTooLarge)" in captured.err
    assert "1.1.1" not in captured.out + captured.err


def test_a_bucket_is_an_output(
    datastore: DataStore, bucket: str, capfd: pytest.CaptureFixture[str]
) -> None:
    originals = fill(datastore, 2)
    for exported in (2, 0):
        assert export(datastore, f"s3://{bucket}/raw") == ExitCode.DONE
        assert summary(capfd)["exported"] == exported
    found = s3_client.get_client().list_objects_v2(Bucket=bucket, Prefix="raw/1.1/")["Contents"]
    bodies = [
        s3_client.get_client().get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        for entry in found
    ]
    assert sorted(bodies) == sorted(originals)


def test_wrong_arguments_are_refused_before_any_work(datastore: DataStore, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no instances"):
        export(datastore, tmp_path)
    with pytest.raises(UsageError, match="32 characters"):
        export(datastore, tmp_path, datastore="wrong")
    with pytest.raises(UsageError, match="region"):
        export(datastore, tmp_path, region="wrong region")
    with pytest.raises(JobError, match="cannot be used"):
        export(datastore, "s3://no-such-bucket/raw")
    with pytest.raises(UsageError, match="only"):
        export(datastore, f"healthimaging://{datastore.id}")
    with pytest.raises(JobError, match="ResourceNotFoundException"):
        export(datastore, tmp_path, datastore="0" * 32)


def test_the_command_line_exports(
    datastore: DataStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fill(datastore, 2)
    command = ["healthimaging", "export", "--datastore", datastore.id, "--region", "us-east-1"]
    assert main([*command, "--output", str(tmp_path / "out")]) == ExitCode.DONE
    assert summary(capfd)["exported"] == 2
    assert main([*command, "--output", "ftp://host/out"]) == ExitCode.USAGE
    assert "is not supported" in capfd.readouterr().err
