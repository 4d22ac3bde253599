from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from pydicom.fileset import FileSet

from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.plan import ReleasePlan
from jobs.common.export.recipient.catalog import make_catalog
from jobs.common.export.recipient.options import RecipientOptions
from jobs.common.export.recipient.publication import RecipientPublication
from jobs.common.export.recipient.rows import (
    ReleasedObject,
    RewriteOutcome,
    SelectedObject,
    encode_outcomes,
)
from jobs.common.export.release.risk import assess_population, assess_risk
from jobs.common.export.release.statement import ReleaseFacts
from jobs.common.storage.location import parse_uri
from safelight.releases.object_rewriter import ObjectRewriter, RecipientNames
from safelight.releases.treatment import ReleaseTreatment
from tests.jobs.common.export.release.test_risk import options, values
from tests.releases.objects import KEY, make_object

PATIENT = "PSEUDONYM0000001"


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    tables = Tables(None, parse_uri(f"{tmp_path}/tables"))
    tables.evolve(["releases"])
    return tables


def plan(place: Path, chosen: RecipientOptions, name: str) -> ReleasePlan:
    return ReleasePlan(
        name=name, tables=parse_uri(f"{place}/tables"), folder=chosen.folder.child(name),
        rules_hash="", namespace="", modalities=(), where="", lease_table=None, master=None,
        settings={}, recipient=chosen,
    )  # fmt: skip


def release(place: Path, chosen: RecipientOptions, number: int) -> ReleasedObject:
    """Rewrite an object for the recipient, and write it."""
    treatment = ReleaseTreatment(dicomdir=chosen.dicomdir)
    rewriter = ObjectRewriter(RecipientNames(KEY, "north", "default"), treatment)
    new = rewriter.rewrite(make_object(PATIENT, number), PATIENT)
    path = place / "releases" / "north" / f"n{number}" / new.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(new.data)
    selected = SelectedObject("r1", f"s{number}", "default", PATIENT, "1.2", "u", "h", "headers", 1)
    return ReleasedObject(
        selected, new.path, new.sha256, len(new.data), new.study_uid, new.series_uid,
        new.sop_uid, new.patient, new.attributes, new.method_codes, new.entry,
    )  # fmt: skip


def rows_of(name: str, released: ReleasedObject) -> pa.Table:
    """Return the row of a released object as a worker makes it."""
    outcome = RewriteOutcome(released.selected, "new", released)
    return pa.Table.from_batches([encode_outcomes([outcome], make_catalog(name, [released]))])


def accept(objects: int, names: Iterable[str]) -> None:
    """Accept any content of the folder."""


def publish(place: Path, tables: Tables, number: int, dicomdir: bool = False) -> Path:
    folder = parse_uri(f"{place}/releases/north")
    chosen = replace(options(1), folder=folder, dicomdir=dicomdir)
    assessment = assess_risk(chosen, {}, {PATIENT: values(40)}, None)
    population = assess_population(chosen, assessment, {values(40)[:-1]: 1})
    facts = ReleaseFacts(f"n{number}", chosen, assessment, population, {}, {})
    publication = RecipientPublication(plan(place, chosen, f"n{number}"), chosen, tables)
    publication.publish(facts, [rows_of(f"n{number}", release(place, chosen, number))], accept)
    return place / "releases" / "north"


def test_the_releases_of_two_nights_are_listed_and_share_a_catalog(
    tables: Tables, tmp_path: Path
) -> None:
    publish(tmp_path, tables, 1)
    folder = publish(tmp_path, tables, 2)
    current = json.loads((folder / "current.json").read_text())
    assert [one["release"] for one in current["releases"]] == ["n1", "n2"]
    listed = DeltaTable(str(folder / "catalog")).to_pyarrow_table()["release"].to_pylist()
    assert sorted(listed) == [
        "n1", "n2",
    ]  # fmt: skip
    recorded = list(tables.rows("release_objects", ["release", "patient_pseudonym"]))
    assert [row["patient_pseudonym"] for row in recorded] == [PATIENT] * 2
    assert not (folder / "n1" / "DICOMDIR").exists()


def test_a_release_with_a_dicomdir_is_a_file_set(tables: Tables, tmp_path: Path) -> None:
    folder = publish(tmp_path, tables, 1, dicomdir=True) / "n1"
    [found] = FileSet(folder / "DICOMDIR")
    assert found.load().PatientID not in ("", PATIENT)
    statement = json.loads((folder / "statement.json").read_text())
    assert statement["not_examined"]["objects_without_a_directory_record"] == 0
    manifest = io.StringIO((folder / "manifest.csv").read_text())
    assert manifest.readlines()[1].split(",")[0] == "/".join(found.ReferencedFileID)
