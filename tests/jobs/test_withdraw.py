"""A withdrawn patient is in no table, no output, no release and no later release."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from jobs.aws.healthimaging.deletion import DeletionPlan
from jobs.cli import main
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.release.manifest import read_release
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.storage.location import parse_uri
from safelight.headers.patient_identity import make_patient_identity
from safelight.notes.gzip_files import compress, decompress
from safelight.pseudonyms import Pseudonyms
from safelight.releases.dicomdir import make_entry
from safelight.releases.file_names import DICOMDIR_NAME
from tests.jobs.aws.healthimaging.items import write_manifest
from tests.jobs.releases import NOW, write_outputs
from tests.jobs.summaries import parse_summary
from tests.releases.test_dicomdir import read
from tests.releases.test_directory_writer import write as write_directory

KEY = bytes(range(32))
GONE = Pseudonyms(KEY).patient(make_patient_identity("MRN 77")).pseudonym
LEFT = "OTHERPATIENT0001"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Write the outputs and one release of two patients."""
    (tmp_path / "key.hex").write_text(KEY.hex())
    write_outputs(tmp_path, [(GONE, "040Y"), (LEFT, "041Y")])
    tables = open_tables(tmp_path)
    release = tmp_path / "releases" / "north"
    catalog, objects = [], []
    for row in list(tables.rows("instances", ["sop_uid", "patient_pseudonym"])):
        path = f"s/{row['patient_pseudonym']}.dcm"
        (release / "n1" / path).parent.mkdir(parents=True, exist_ok=True)
        (release / "n1" / path).write_bytes(b"released")
        catalog.append({"release": "n1", "sop_uid": f"new-{row['sop_uid']}"})
        objects.append(
            row | {
                "release": "n1", "recipient": "north", "namespace": "default",
                "released_path": path, "released_sop_uid": f"new-{row['sop_uid']}",
                "released_patient": f"new-{row['patient_pseudonym']}",
            }
        )  # fmt: skip
    table = pa.Table.from_pylist(catalog)
    DeltaFolder(parse_uri(str(release / "catalog"))).append(table)
    pq.write_table(table, release / "n1" / "catalog.parquet")
    tables.append_records("release_objects", objects)
    tables.append_records(
        "releases",
        [{"release": "n1", "recipient": "north", "released_at": NOW,
          "parameters": {"output": str(release / "n1")}}],
    )  # fmt: skip
    tables.append_records(
        "mapping",
        [{"namespace": "default", "kind": "patient_id", "patient_pseudonym": patient}
         for patient in (GONE, LEFT)],
    )  # fmt: skip
    return tmp_path


def open_tables(place: Path) -> Tables:
    return Tables(None, parse_uri(f"{place}/tables"))


def withdraw(place: Path, content: str = "patient_id\nmrn  77\n", *more: str) -> int:
    (place / "withdrawn.csv").write_text(content)
    return main(
        ["withdraw", "--tables", f"{place}/tables", "--key", f"file:{place}/key.hex",
         "--file", f"{place}/withdrawn.csv", "--reason", "consent withdrawn", *more]
    )  # fmt: skip


def patients(place: Path, table: str) -> set[str]:
    return {
        row["patient_pseudonym"] for row in open_tables(place).rows(table, ["patient_pseudonym"])
    }


def test_nothing_of_a_withdrawn_patient_is_left_but_the_record(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert withdraw(place) == 0
    printed = parse_summary(capfd.readouterr().out)
    assert (printed["patients"], printed["objects"], printed["released_objects"]) == (1, 1, 1)
    assert printed["pairs"] == 1
    assert patients(place, "catalog") == patients(place, "mapping") == {LEFT}
    condition = ds.field("patient_pseudonym") == GONE
    columns = ["status", "reason_code", "output_uri"]
    [row] = open_tables(place).rows("instances", columns, condition)
    assert list(row.values()) == ["filtered", "withdrawn", None]
    assert len(list((place / "out").rglob("*.dcm"))) == 1
    north = place / "releases" / "north"
    assert [path.stem for path in north.rglob("*.dcm")] == [LEFT]
    [listed] = csv.DictReader(io.StringIO((north / "withdrawn.csv").read_text()))
    assert (listed["release"], listed["patient_pseudonym"]) == ("n1", f"new-{GONE}")
    assert DeltaTable(str(north / "catalog")).to_pyarrow_table().num_rows == 1
    assert pq.read_table(north / "n1" / "catalog.parquet").num_rows == 1
    columns = ["patient_pseudonym", "reason", "objects", "releases"]
    [row] = open_tables(place).rows("withdrawals", columns)
    assert row == {
        "patient_pseudonym": GONE, "reason": "consent withdrawn", "objects": 1,
        "releases": ["north/n1"],
    }  # fmt: skip

    # The same command again changes nothing.
    assert withdraw(place) == 0
    assert parse_summary(capfd.readouterr().out)["pairs"] == 0
    assert len(list(open_tables(place).rows("withdrawals", ["reason"]))) == 1


def test_the_dicomdir_of_a_release_loses_the_patient(place: Path) -> None:
    file = place / "releases" / "north" / "n1" / DICOMDIR_NAME
    entries = [make_entry(read(patient), f"s/{patient}.dcm") for patient in (GONE, LEFT)]
    file.write_bytes(write_directory(filter(None, entries)))
    assert withdraw(place) == 0
    assert GONE.encode() not in file.read_bytes() and LEFT.encode() in file.read_bytes()


def test_a_pseudonym_may_be_given_and_an_unknown_patient_is_recorded(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert withdraw(place, f"Pseudonym\n{LEFT}\nNOBODYKNOWSTHIS1\n") == 0
    assert "lines 3" in capfd.readouterr().err
    assert patients(place, "withdrawals") == {LEFT, "NOBODYKNOWSTHIS1"}
    assert patients(place, "catalog") == {GONE}


def write_plain_release(place: Path) -> Path:
    """Write a release without a recipient, of all outputs."""
    folder, lines = place / "releases" / "all", []
    columns = ["sop_uid", "patient_pseudonym"]
    for row in list(open_tables(place).rows("instances", columns)):
        path = f"{row['sop_uid']}.dcm"
        folder.mkdir(exist_ok=True)
        (folder / path).write_bytes(b"released")
        lines.append(
            (path, "0" * 64, 8, "", "CT", row["patient_pseudonym"], "", "", row["sop_uid"])
        )
    sha256 = write_manifest(folder / "manifest.csv", lines)
    open_tables(place).append_records(
        "releases",
        [{"release": "all", "released_at": NOW, "parameters": {"output": str(folder)},
          "manifest_sha256": sha256}],
    )  # fmt: skip
    return folder


def test_a_release_without_a_recipient_loses_the_patient(place: Path) -> None:
    folder = write_plain_release(place)
    assert withdraw(place) == 0
    assert len(list(folder.glob("*.dcm"))) == 1
    listed = list(csv.DictReader(io.StringIO((folder.parent / "withdrawn.csv").read_text())))
    assert [(row["release"], row["patient_pseudonym"]) for row in listed] == [("all", GONE)]
    [row] = open_tables(place).rows("withdrawals", ["releases"])
    assert row["releases"] == ["all", "north/n1"]
    kept = [line.path for line in read_release(open_tables(place), "all") if not line.is_withdrawn]
    assert kept == [path.name for path in folder.glob("*.dcm")]


def write_notes(place: Path, name: str, patients: list[str], file_format: str = "jsonl") -> Path:
    """Write a file of notes, one for each patient, and its rows."""
    path = place / "notes" / name
    path.parent.mkdir(exist_ok=True)
    lines = [json.dumps({"patient_id": patient, "n": n}) for n, patient in enumerate(patients)]
    text = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(compress(text) if name.endswith(".gz") else text)
    common = {"run_id": "r", "source_id": name, "piece": 1, "output_uri": str(path)}
    open_tables(place).append_records(
        "notes",
        [common | {"row": n, "note_id": f"{name}-{n}", "patient_pseudonym": patient,
                   "status": "deidentified",
                   "output_sha256": hashlib.sha256(lines[n].encode()).hexdigest()}
         for n, patient in enumerate(patients)],
    )  # fmt: skip
    open_tables(place).append_records("note_files", [common | {"format": file_format}])
    open_tables(place).append_records(
        "notes_findings", [common | {"note_id": f"{name}-{n}"} for n in range(len(patients))]
    )
    return path


def test_notes_are_removed_from_files_with_notes_of_others(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mixed = write_notes(place, "mixed.jsonl.gz", [GONE, LEFT, GONE])
    alone = write_notes(place, "alone.jsonl", [GONE])
    changed = write_notes(place, "changed.jsonl", [GONE, LEFT])
    changed.write_text("{}\n")
    assert withdraw(place) == 0
    captured = capfd.readouterr()
    printed = parse_summary(captured.out)
    assert (printed["notes"], printed["notes_left"]) == (3, 1)
    assert "1 notes of these patients are in files or tables that were changed" in captured.err
    assert GONE.encode() not in decompress(mixed.read_bytes())
    assert decompress(mixed.read_bytes()).count(b"\n") == 1
    assert not alone.exists() and changed.exists()
    condition = ds.field("reason_code") == "withdrawn"
    rows = list(open_tables(place).rows("notes", ["note_id", "output_uri"], condition))
    assert {row["note_id"] for row in rows} == {
        "mixed.jsonl.gz-0", "mixed.jsonl.gz-2", "alone.jsonl-0",
    }  # fmt: skip
    assert {row["output_uri"] for row in rows} == {None}
    findings = open_tables(place).rows("notes_findings", ["note_id"])
    assert {row["note_id"] for row in findings} == {
        "mixed.jsonl.gz-1", "changed.jsonl-0", "changed.jsonl-1",
    }  # fmt: skip
    digest = hashlib.sha256(mixed.read_bytes()).hexdigest()
    condition = ds.field("source_id") == "mixed.jsonl.gz"
    [row] = open_tables(place).rows("note_files", ["output_sha256"], condition)
    assert row["output_sha256"] == digest


def test_pairs_in_dynamodb_are_deleted(
    place: Path, mapping_table: MappingTable, capfd: pytest.CaptureFixture[str]
) -> None:
    key_id = Pseudonyms(KEY).key_id
    pairs = [
        MappingRow("r", 0, "default", "patient_id", b"sealed", f"{n:064x}", one, one, key_id)
        for n, one in enumerate((GONE, LEFT))
    ]
    mapping_table.add(pairs)
    store = ("--mapping-store", f"dynamodb:{mapping_table.name}")
    assert withdraw(place, "patient_id\nmrn  77\n", *store) == 0
    assert parse_summary(capfd.readouterr().out)["pairs"] == 1
    assert [pair.pseudonym for page in mapping_table.scan() for pair in page] == [LEFT]
    # The table of the same name in the folder is of another store, and stays as it was.
    assert patients(place, "mapping") == {GONE, LEFT}


def test_the_image_sets_of_the_patient_are_deleted_under_all_pseudonyms(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[DeletionPlan] = []

    class Recorded:
        def __init__(self, plan: DeletionPlan):
            plans.append(plan)

        def run(self) -> int:
            return 0

    monkeypatch.setattr("jobs.aws.healthimaging.deletion.Deletion", Recorded)
    assert withdraw(place, "patient_id\nmrn  77\n", "--datastore", "0" * 32) == 0
    [plan] = plans
    assert plan.patients == tuple(sorted([GONE, f"new-{GONE}"]))
    assert (plan.datastore_id, plan.reason) == ("0" * 32, "consent withdrawn")


@pytest.mark.parametrize("content", ["mrn\n77\n", "patient_id\n", ""])
def test_a_file_without_patients_is_refused(place: Path, content: str) -> None:
    assert withdraw(place, content) == 2
    assert not open_tables(place).exists("withdrawals")
