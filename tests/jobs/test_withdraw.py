"""A withdrawn patient is in no table, no output, no release and no later release."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable

from jobs.cli import main
from jobs.common.delta.table import DeltaFolder
from jobs.common.delta.table_set import Tables
from jobs.common.storage.location import parse_uri
from safelight.headers.patient_identity import make_patient_identity
from safelight.pseudonyms import Pseudonyms
from tests.jobs.releases import NOW, no_session, write_outputs

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
    DeltaFolder(parse_uri(str(release / "catalog"))).append(pa.Table.from_pylist(catalog))
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
    return Tables(no_session, parse_uri(f"{place}/tables"))


def withdraw(place: Path, content: str = "patient_id\nmrn  77\n") -> int:
    (place / "withdrawn.csv").write_text(content)
    return main(
        ["withdraw", "--tables", f"{place}/tables", "--key", f"file:{place}/key.hex",
         "--file", f"{place}/withdrawn.csv", "--reason", "consent withdrawn"]
    )  # fmt: skip


def patients(place: Path, table: str) -> set[str]:
    return {
        row["patient_pseudonym"] for row in open_tables(place).rows(table, ["patient_pseudonym"])
    }


def test_nothing_of_a_withdrawn_patient_is_left_but_the_record(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert withdraw(place) == 0
    printed = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (printed["patients"], printed["objects"], printed["released_objects"]) == (1, 1, 1)
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
    columns = ["patient_pseudonym", "reason", "objects", "releases"]
    [row] = open_tables(place).rows("withdrawals", columns)
    assert row == {
        "patient_pseudonym": GONE, "reason": "consent withdrawn", "objects": 1,
        "releases": ["north/n1"],
    }  # fmt: skip

    # The same command again changes nothing.
    assert withdraw(place) == 0
    assert len(list(open_tables(place).rows("withdrawals", ["reason"]))) == 1


def test_a_pseudonym_may_be_given_and_an_unknown_patient_is_recorded(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert withdraw(place, f"Pseudonym\n{LEFT}\nNOBODYKNOWSTHIS1\n") == 0
    assert "lines 3" in capfd.readouterr().err
    assert patients(place, "withdrawals") == {LEFT, "NOBODYKNOWSTHIS1"}
    assert patients(place, "catalog") == {GONE}


@pytest.mark.parametrize("content", ["mrn\n77\n", "patient_id\n", ""])
def test_a_file_without_patients_is_refused(place: Path, content: str) -> None:
    assert withdraw(place, content) == 2
    assert not open_tables(place).exists("withdrawals")
