from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.aws.healthimaging.imports.item_queue import open_temporary_database
from jobs.aws.healthimaging.imports.items import ImportItem
from jobs.aws.healthimaging.imports.selection import ItemFilter, Selection, select_items
from jobs.common.cli.errors import UsageError
from jobs.common.delta.rows import ImageSetDeletionRow, ImportRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import parse_uri
from tests.jobs.aws.healthimaging.items import (
    MOMENT,
    make_item,
    make_row,
    make_tables,
    release_path,
    write_release,
)


def make_import(item: ImportItem, status: str, datastore: str = "d") -> ImportRow:
    return ImportRow(
        datastore_id=datastore, chunk="c", job_id="j", method="job", output_uri=item.uri,
        output_sha256=item.sha256, patient_pseudonym=item.patient, study_uid=item.study_uid,
        series_uid=item.series_uid, sop_uid=item.sop_uid, status=status, exception_type="",
        image_set_id="", image_set_version=None, is_primary=None, warnings=[], frames=None,
        frame_check="", gates=[], released=status == "imported", imported_at=MOMENT,
        software_version="1",
    )  # fmt: skip


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return make_tables(parse_uri(str(tmp_path)))


def select(tables: Tables, **more: Any) -> Selection:
    return select_items(tables, ItemFilter("d", **more), open_temporary_database())


def test_only_recorded_outputs_are_selected(tables: Tables) -> None:
    rows = [make_row(make_item(1)), make_row(make_item(2), status="quarantined", output_uri=None)]
    tables.append_rows(rows)
    assert list(select(tables).items) == [make_item(1)]


def test_an_imported_output_is_not_selected_again(tables: Tables) -> None:
    tables.append_rows([make_row(make_item(n)) for n in (1, 2)])
    tables.append_rows([make_import(make_item(1), "imported")])
    tables.append_rows([make_import(make_item(2), "imported", "other store")])
    selection = select(tables)
    assert (list(selection.items), selection.done) == ([make_item(2)], 1)


def test_an_output_made_again_is_selected(tables: Tables) -> None:
    tables.append_rows([make_row(make_item(1))])
    tables.append_rows([make_import(make_item(1), "imported")])
    again = make_item(1, sha256="1" * 64)
    tables.append_rows([make_row(again, processed_at=MOMENT.replace(year=2027))])
    assert list(select(tables).items) == [again]


def test_a_failed_output_is_selected_only_to_be_tried_again(tables: Tables) -> None:
    tables.append_rows([make_row(make_item(1))])
    tables.append_rows([make_import(make_item(1), "failed")])
    selection = select(tables)
    assert (list(selection.items), selection.failed_before) == ([], 1)
    assert list(select(tables, retry_failed=True).items) == [make_item(1, attempts=1)]


def test_a_deleted_patient_is_not_imported_again(tables: Tables) -> None:
    tables.append_rows([make_row(make_item(1)), make_row(make_item(2, patient="P-2"))])
    tables.append_rows(
        [ImageSetDeletionRow("d", "P-1", "s" * 32, 1, "requested", "withdrawn", MOMENT, "1")]
    )
    selection = select(tables)
    assert [item.patient for item in selection.items] == ["P-2"] and selection.withdrawn == 1


def test_an_instance_in_two_versions_must_be_chosen(tables: Tables) -> None:
    other = make_item(1, uri="s3://clean/other.dcm")
    tables.append_rows([make_row(make_item(1)), make_row(other, namespace="n2")])
    with pytest.raises(UsageError, match="select one by --rules or --namespace"):
        select(tables)
    assert list(select(tables, namespace="n2").items) == [other]


def test_only_objects_of_a_release_are_selected(tables: Tables, tmp_path: Path) -> None:
    tables.append_rows([make_row(make_item(n)) for n in (1, 2)])
    write_release(tables, tmp_path, "r1", [make_item(1)])
    selection = select(tables, release="r1")
    assert (list(selection.items), selection.not_released) == ([make_item(1)], 1)


def test_other_bytes_than_those_of_the_release_are_not_selected(
    tables: Tables, tmp_path: Path
) -> None:
    tables.append_rows([make_row(make_item(1))])
    write_release(tables, tmp_path, "r1", [make_item(1, sha256="1" * 64)])
    assert list(select(tables, release="r1").items) == []


def test_the_objects_of_a_release_to_a_recipient_are_selected(
    tables: Tables, tmp_path: Path
) -> None:
    tables.append_rows([make_row(make_item(1))])
    released = [make_item(7, patient="Q-1"), make_item(8, patient="Q-2")]
    place = write_release(tables, tmp_path, "n1", released, "north")
    withdrawn = f"release,path\nn1,{release_path(released[1])}\n"
    (place.parent / "withdrawn.csv").write_text(withdrawn)
    selection = select(tables, release="n1", recipient="north")
    assert [(item.patient, item.uri) for item in selection.items] == [
        ("Q-1", f"{place}/{release_path(released[0])}")
    ]
    assert selection.withdrawn == 1
    write_release(tables, tmp_path, "n2", [make_item(9, patient="Q-3")], "north")
    assert [item.patient for item in select(tables, recipient="north").items] == ["Q-1", "Q-3"]
    assert list(select(tables, recipient="south").items) == []


def test_a_withdrawn_patient_is_not_selected_after_another_run(tables: Tables) -> None:
    tables.append_rows([make_row(make_item(1)), make_row(make_item(2, patient="P-2"))])
    tables.append_records("withdrawals", [{"namespace": "default", "patient_pseudonym": "P-1"}])
    selection = select(tables)
    assert ([item.patient for item in selection.items], selection.withdrawn) == (["P-2"], 1)


def test_an_older_row_of_an_output_does_not_replace_a_newer_one(tables: Tables) -> None:
    again = make_item(1, sha256="1" * 64)
    tables.append_rows([make_row(again, processed_at=MOMENT.replace(year=2027))])
    tables.append_rows([make_row(make_item(1))])
    assert list(select(tables).items) == [again]


def test_attempts_of_all_imports_are_added(tables: Tables) -> None:
    tables.append_rows([make_row(make_item(1))])
    for status in ("failed", "refused"):
        tables.append_rows([make_import(make_item(1), status)])
    assert list(select(tables, retry_failed=True).items) == [make_item(1, attempts=2)]
