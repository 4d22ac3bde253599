"""A run of `safelight deidentify` over a data store of HealthImaging."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom
import pytest

from jobs.cli import main
from jobs.common.aws.rate_limit import WORKERS_VARIABLE
from tests.jobs.aws.dicom_files import make_dicom
from tests.jobs.aws.healthimaging_server import HealthImaging
from tests.jobs.aws.healthimaging_store import DataStore
from tests.jobs.runs import all_but_sources, rows
from tests.jobs.summaries import parse_summary

#: UID of the study, with which those of its series and instances begin.
STUDY = "1.2.826.0.1.77777"


def add_series(datastore: DataStore, number: int) -> None:
    for n in range(3):
        data = make_dicom(
            f"{STUDY}.{number}.{n}", f"{STUDY}.{number}", STUDY, patient_id="HARGREAVE", removed="",
            SeriesNumber=number, fill=n,
        )  # fmt: skip
        datastore.add(data)


@pytest.mark.parametrize("retrieve", ["dicomweb", "frames"])
def test_a_data_store_is_deidentified_and_what_is_done_is_skipped(
    datastore: DataStore,
    healthimaging_server: HealthImaging,
    spark_on_s3: Any,
    tmp_path: Path,
    key_file: str,
    capfd: pytest.CaptureFixture[str],
    retrieve: str,
) -> None:
    def run() -> dict[str, Any]:
        healthimaging_server.calls.clear()
        uri = f"healthimaging://{datastore.id}?retrieve={retrieve}"
        assert main([
            "deidentify", "--input", uri, "--output", f"{tmp_path}/out",
            "--tables", f"{tmp_path}/tables", "--key", key_file, "--pixels", "off",
            "--text", "off",
        ]) == 0  # fmt: skip
        captured = capfd.readouterr()
        assert "HARGREAVE" not in captured.out + captured.err
        assert STUDY not in captured.out + captured.err
        summary = parse_summary(captured.out)
        return summary

    add_series(datastore, 1)
    summary = run()
    assert (summary["seen"], summary["deidentified"], summary["skipped"]) == (3, 3, 0)
    objects = sorted((tmp_path / "out").rglob("*.dcm"))
    assert len(objects) == 3
    for path in objects:
        written = pydicom.dcmread(path)
        assert written.PatientIdentityRemoved == "YES" and written.PatientID != "HARGREAVE"
        assert len(written.PixelData) == 64
    assert spark_on_s3.sparkContext.environment[WORKERS_VARIABLE] == "2"

    add_series(datastore, 2)
    summary = run()
    assert (summary["deidentified"], summary["skipped"]) == (3, 3)
    read = "GetDICOMInstance" if retrieve == "dicomweb" else "GetImageFrame"
    assert healthimaging_server.calls.count(read) == 3

    tables = all_but_sources(tmp_path / "tables")
    assert STUDY.encode() not in tables and b"HARGREAVE" not in tables
    versions = {row.source_version for row in rows(spark_on_s3, tmp_path, "sources")}
    assert versions == {f"{image_set}@1" for image_set in datastore.image_sets}


@pytest.mark.parametrize(
    ("command", "option"),
    [("notes", "--input"), ("deidentify", "--output"), ("deidentify", "--tables")],
)
def test_a_data_store_is_no_output_and_has_no_notes(
    command: str, option: str, tmp_path: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    given = {"--input": tmp_path, "--output": tmp_path / "out", "--tables": tmp_path / "tables"}
    given[option] = f"healthimaging://{'0' * 32}/studies/1.2.3"  # type: ignore[assignment]
    arguments = [str(part) for pair in given.items() for part in pair]
    assert main([command, *arguments, "--key", key_file]) == 2
    logged = capfd.readouterr().err
    assert "can be the --input of `safelight deidentify` only" in logged
    assert "1.2.3" not in logged
