from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.release.manifest import read_release
from jobs.common.storage import objects
from jobs.common.storage.location import parse_uri
from tests.jobs.aws.healthimaging.items import make_item, make_tables, release_path, write_release


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    tables = make_tables(parse_uri(str(tmp_path / "tables")))
    write_release(tables, tmp_path, "r1", [make_item(1), make_item(2)])
    return tables


def test_a_release_has_the_objects_of_its_manifest(tables: Tables) -> None:
    expected = [(item.sop_uid, item.sha256) for item in (make_item(1), make_item(2))]
    assert [(line.sop_uid, line.sha256) for line in read_release(tables, "r1")] == expected


def test_a_release_to_a_recipient_is_read_without_its_withdrawn_objects(
    tables: Tables, tmp_path: Path
) -> None:
    place = write_release(tables, tmp_path, "n1", [make_item(3), make_item(4)], "north")
    gone = release_path(make_item(4))
    (place.parent / "withdrawn.csv").write_text(f"release,path\nn1,{gone}\nn2,other.dcm\n")
    first, second = read_release(tables, "n1", "north")
    assert (first.uri, first.is_withdrawn) == (f"{place}/{release_path(make_item(3))}", False)
    assert second.is_withdrawn
    with pytest.raises(UsageError, match="it was made for north; give --recipient"):
        read_release(tables, "n1")
    with pytest.raises(UsageError, match="was not made for south"):
        read_release(tables, "n1", "south")


def test_a_release_that_was_not_made_is_refused(tables: Tables) -> None:
    with pytest.raises(UsageError, match="release r2 was not made"):
        read_release(tables, "r2")


def test_a_manifest_is_read_in_parts(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "PART_BYTES", 7)
    uids = [line.sop_uid for line in read_release(tables, "r1")]
    assert uids == [make_item(1).sop_uid, make_item(2).sop_uid]


@pytest.mark.parametrize("change", ["edit", "remove"])
def test_another_manifest_is_refused(tables: Tables, tmp_path: Path, change: str) -> None:
    manifest = tmp_path / "releases" / "r1" / "manifest.csv"
    if change == "edit":
        manifest.write_text(manifest.read_text() + "x,0,1,2.25.9\n")
    else:
        manifest.unlink()
    with pytest.raises(JobError, match="missing or differs from its row"):
        read_release(tables, "r1")


def test_a_manifest_has_no_formulas_and_is_read_with_the_original_values(
    tables: Tables, tmp_path: Path
) -> None:
    item = make_item(5, patient="=cmd|' /C calc'!A0")
    place = write_release(tables, tmp_path, "r5", [item])
    manifest = (place / "manifest.csv").read_text()
    assert ",'=cmd" in manifest and ",=cmd" not in manifest
    assert [line.patient for line in read_release(tables, "r5")] == [item.patient]
