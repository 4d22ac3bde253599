"""A recipient gets pseudonyms of its own, night after night, and no class below k."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from pydicom import dcmread

from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import parse_uri
from safelight.rules import parse_rules
from safelight.rules.written_dates import find_written_dates
from safelight.rules.written_texts import encode_written_texts
from tests.jobs.releases import NOW, export, write_outputs
from tests.jobs.runs import rows
from tests.jobs.summaries import parse_summary

FIRST = [(f"FIRSTPATIENT{n:04d}", f"{40 + n % 4:03d}Y") for n in range(6)]


@pytest.fixture
def place(spark: Any, tmp_path: Path) -> Path:
    write_outputs(tmp_path, FIRST)
    return tmp_path


def test_a_recipient_gets_its_own_pseudonyms_once_and_then_what_is_new(
    spark: Any, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert export(place, "--k", "3") == 0
    printed = parse_summary(capfd.readouterr().out)
    assert (printed["objects"], printed["copied"], printed["held"]) == (6, 6, 0)
    folder = place / "releases" / "north" / "n1"
    manifest = list(csv.DictReader(io.StringIO((folder / "manifest.csv").read_text())))
    released = [dcmread(folder / line["path"]) for line in manifest]
    assert {ds.PatientID for ds in released} == {line["patient_pseudonym"] for line in manifest}
    assert not {ds.PatientID for ds in released} & {patient for patient, _ in FIRST}
    assert {ds.PatientAge for ds in released} == {"040Y"}
    assert not any("SeriesDescription" in ds for ds in released)
    statement = json.loads((folder / "statement.json").read_text())
    risk = statement["disclosure_risk"]
    assert (risk["before"]["k"], risk["after"]["k"]) == (1, 6)
    assert risk["levels"]["patient_age"] == 1
    assert statement["rules"] == [{"name": "research", "hash": "h" * 64}]
    assert statement["not_examined"]["objects_without_the_pixel_stage"] == 6
    catalog = pq.read_table(folder / "catalog.parquet")
    assert str(catalog.schema.field("study_date").type) == "date32[day]"
    assert set(catalog["patient_age_years"].to_pylist()) == {40.0}

    # The same command finds the release made; another name finds nothing new.
    assert export(place, "--k", "3") == 0
    assert parse_summary(capfd.readouterr().out)["skipped"] == 6
    assert export(place, "--k", "3", name="n2") == 0
    assert parse_summary(capfd.readouterr().out)["objects"] == 0
    assert not (place / "releases" / "north" / "n2" / "manifest.csv").exists()

    # The next night, one patient fits a class, and one is held back.
    write_outputs(place, [("NEXTPATIENT00001", "044Y"), ("NEXTPATIENT00002", "080Y")], "r2")
    assert export(place, "--k", "3", name="n2") == 0
    printed = parse_summary(capfd.readouterr().out)
    assert (printed["objects"], printed["held"], printed["k"]) == (1, 1, 7)
    current = json.loads((place / "releases" / "north" / "current.json").read_text())
    assert [one["release"] for one in current["releases"]] == ["n1", "n2"]
    table = DeltaTable(str(place / "releases" / "north" / "catalog")).to_pyarrow_table()
    assert sorted(table["release"].to_pylist()) == ["n1"] * 6 + ["n2"]

    # Another recipient gets other pseudonyms of the same patients.
    assert export(place, recipient="south") == 0
    north, south = (
        {row.patient_pseudonym: row.released_patient
         for row in rows(spark, place, "release_objects") if row.recipient == name}
        for name in ("north", "south")
    )  # fmt: skip
    assert north.keys() < south.keys()
    assert not set(north.values()) & set(south.values())


def test_a_killed_export_is_completed_by_the_same_command(
    spark: Any, place: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.common.export.recipient.publication import RecipientPublication

    with monkeypatch.context() as context:
        context.setattr(RecipientPublication, "_append_catalog", lambda *_: 1 / 0)
        assert export(place) == 1
    assert rows(spark, place, "releases") == []
    assert not (place / "releases" / "north" / "current.json").exists()
    capfd.readouterr()
    assert export(place) == 0
    assert parse_summary(capfd.readouterr().out)["skipped"] == 6
    assert len(rows(spark, place, "release_objects")) == 6


def test_an_object_that_the_second_pass_refuses_is_left_out(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_outputs(
        place, [("LEAKINGPATIENT01", "044Y")], "r2", ManufacturerModelName="LEAKINGPATIENT01"
    )
    assert export(place, "--k", "3") == 0
    captured = capfd.readouterr()
    printed = parse_summary(captured.out)
    assert (printed["objects"], printed["refused"], printed["held"]) == (6, 1, 0)
    assert "without these objects: 1 objects still hold an identifier" in captured.err


def test_a_changed_object_stops_the_release(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = next((place / "out").rglob("*.dcm"))
    path.write_bytes(path.read_bytes() + b"!")
    assert export(place) == 1
    assert "1 objects differ" in capfd.readouterr().err


def test_wrong_options_are_refused(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert export(place, "--quasi-identifiers", "shoe_size") == 2
    assert "no such column in `catalog`" in capfd.readouterr().err
    with pytest.raises(SystemExit):
        export(place, "--k", "1")
    assert export(place) == 0
    assert export(place, "--quasi-identifiers", "patient_sex", name="n2") == 0
    write_outputs(place, [("NEXTPATIENT00001", "044Y")], "r2")
    assert export(place, "--quasi-identifiers", "patient_sex", name="n2") == 2
    assert "other quasi-identifiers" in capfd.readouterr().err


def test_objects_of_a_rare_modality_are_held_back_and_the_others_released(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_outputs(place, FIRST[:1], "r2", Modality="SEG", SOPInstanceUID="2.25.7777777777")
    assert export(place, "--k", "3") == 0
    printed = parse_summary(capfd.readouterr().out)
    assert (printed["objects"], printed["held"], printed["k"]) == (6, 0, 6)
    folder = place / "releases" / "north" / "n1"
    assert {dcmread(path).Modality for path in folder.rglob("*.dcm")} == {"CT"}
    risk = json.loads((folder / "statement.json").read_text())["disclosure_risk"]
    assert (risk["patients_held_back"], risk["patients_released_in_part"]) == (0, 1)
    assert export(place, "--k", "3", name="n2") == 0
    assert parse_summary(capfd.readouterr().out)["objects"] == 0


def test_dates_and_texts_that_the_rules_have_written_stay(spark: Any, tmp_path: Path) -> None:
    rules = parse_rules(
        "name: site\nversion: 1\nextends: research\nelements:\n"
        "  - {tag: StudyDate, action: literal, value: '20200101'}\n"
        "  - {tag: StationName, action: literal, value: SCANNER}\n",
        "site",
    )
    write_outputs(tmp_path, FIRST[:3], rules_hash=rules.hash, StationName="SCANNER")
    write_outputs(tmp_path, FIRST[3:], "r0", StationName="SCANNER", StudyDate="20200101")
    written = {
        "written_dates": find_written_dates(rules).encode(),
        "written_texts": encode_written_texts(rules),
    }
    tables = Tables(None, parse_uri(f"{tmp_path}/tables"))
    runs = [
        {"run_id": run_id, "command": "deidentify", "started_at": NOW, "parameters": parameters,
         "rules_hash": digest}
        for run_id, digest, parameters in (("r1", rules.hash, written), ("r0", "h" * 64, {}))
    ]  # fmt: skip
    tables.append_records("runs", runs)
    assert export(tmp_path) == 0
    folder = tmp_path / "releases" / "north" / "n1"
    released = [dcmread(path) for path in folder.rglob("*.dcm")]
    assert {ds.StudyDate for ds in released} == {"20200101"}
    stations = Counter(ds.StationName for ds in released)
    assert sorted(stations.values()) == [3, 3] and stations["SCANNER"] == 3
    statement = json.loads((folder / "statement.json").read_text())
    assert statement["pseudonyms"]["dates_written_by_rules"] == ["20200101"]
    assert statement["pseudonyms"]["texts_written_by_rules"] == ["StationName"]
