from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.aws.healthimaging import deletion
from jobs.aws.healthimaging.imports.importer import Importer
from jobs.aws.healthimaging.service import DataStoreClient
from jobs.cli import main
from jobs.common.delta.rows import ImageSetDeletionRow
from tests.jobs.aws.healthimaging.conftest import ImportPlace
from tests.jobs.aws.healthimaging.items import MOMENT, make_row, put_output
from tests.jobs.aws.healthimaging_server import HealthImaging

LastLine = Callable[[], dict[str, Any]]


@pytest.fixture(autouse=True)
def _do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "_CONFIRM_WAITS_SECONDS", (0.01,) * 4)


def delete(place: ImportPlace, *argv: str) -> int:
    return main(place.command("delete", "--reason", "consent withdrawn", *argv))


def imported(place: ImportPlace) -> None:
    """Import two image sets of one patient, one of them in two versions, and one of another."""
    place.put(2)
    place.put(1, 3, series=2, study=2)
    place.put(1, 4, series=3, study=3, patient="P-2")
    assert place.run_import() == 0
    again = put_output(place.output, 1, fill=99)  # made again by other rules
    later = MOMENT.replace(year=2027)
    place.tables.append_rows([make_row(again, processed_at=later)])
    assert place.run_import() == 0


def states(place: ImportPlace) -> list[tuple[str, str]]:
    rows = place.tables.rows("image_set_deletions", ["patient_pseudonym", "state"])
    return sorted((row["patient_pseudonym"], row["state"]) for row in rows)


def test_all_image_sets_of_a_patient_are_deleted_with_all_versions(
    place: ImportPlace, last_line: LastLine
) -> None:
    imported(place)
    place.datastore.polls_until_deleted = 2
    assert delete(place, "--patient", "P-1") == 0
    summary = last_line()
    assert (summary["patients"], summary["deleted"], summary["left"]) == (1, 2, 0)
    assert place.stored() == [place.items[3].sop_uid]
    assert states(place) == [("P-1", "deleted")] * 2 + [("P-1", "requested")] * 2
    versions = place.tables.rows("image_set_deletions", ["versions"])
    assert sorted(row["versions"] for row in versions) == [1, 1, 2, 2]


def test_a_deleted_patient_is_not_imported_again(place: ImportPlace, last_line: LastLine) -> None:
    place.put(1)
    assert place.run_import() == 0
    assert delete(place, "--patient", "P-1", "P-9") == 0
    place.put(1, 5)
    place.put(1, 6, patient="P-9", series=5)
    assert place.run_import() == 0
    assert last_line()["withdrawn"] == 3 and place.stored() == []


def test_a_deleted_instance_is_not_released(place: ImportPlace) -> None:
    imported(place)
    assert delete(place, "--patient", "P-1") == 0
    rows = place.tables.rows("imports", ["patient_pseudonym", "released"])
    assert {(row["patient_pseudonym"], row["released"]) for row in rows} == {
        ("P-1", False),
        ("P-2", True),
    }


def test_a_patient_deleted_before_a_killed_import_started_is_left_out(
    place: ImportPlace, monkeypatch: pytest.MonkeyPatch, last_line: LastLine
) -> None:
    place.put(1)
    (kept,) = place.put(1, 2, patient="P-2", series=2)
    with monkeypatch.context() as patch:
        patch.setattr(Importer, "_start", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert place.run_import() == 1
    assert delete(place, "--patient", "P-1") == 0
    assert place.run_import() == 0
    assert last_line()["withdrawn"] == 1 and place.stored() == [kept.sop_uid]


def test_a_patient_deleted_during_an_import_is_held_and_reported(
    place: ImportPlace, capsys: pytest.CaptureFixture[str]
) -> None:
    place.put(1)
    assert place.run_import("--no-wait") == 0
    row = ImageSetDeletionRow(place.datastore.id, "P-1", "", 0, "requested", "r", MOMENT, "1")
    place.tables.append_rows([row])
    assert place.run_import() == 1
    assert "safelight healthimaging delete" in capsys.readouterr().err
    (found,) = place.rows().values()
    assert found["gates"] == ["withdrawn"] and not found["released"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", ["delete_image_set", "image_set_state"])
def test_a_killed_deletion_is_completed_by_the_same_command(
    place: ImportPlace, monkeypatch: pytest.MonkeyPatch, name: str, after: bool
) -> None:
    imported(place)
    with monkeypatch.context() as patch:
        original = getattr(DataStoreClient, name)
        calls: list[str] = []

        def die(self: DataStoreClient, image_set_id: str) -> Any:
            calls.append(image_set_id)
            if len(calls) == 1 and after:
                return original(self, image_set_id)
            raise KeyboardInterrupt

        patch.setattr(DataStoreClient, name, die)
        assert delete(place, "--patient", "P-1") == 1
    assert delete(place, "--patient", "P-1") == 0
    assert states(place) == [("P-1", "deleted")] * 2 + [("P-1", "requested")] * 2
    assert place.stored() == [place.items[3].sop_uid]


def test_a_lost_record_is_made_from_the_queue(
    place: ImportPlace, monkeypatch: pytest.MonkeyPatch, last_line: LastLine
) -> None:
    imported(place)
    with monkeypatch.context() as patch:
        patch.setattr(deletion.Deletion, "_confirm", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            delete(place, "--patient", "P-1")
    assert delete(place, "--patient", "P-1") == 0
    assert last_line()["deleted"] == 2 and states(place).count(("P-1", "deleted")) == 2


def test_the_list_of_patients_is_a_file(
    place: ImportPlace, tmp_path: Path, healthimaging_server: HealthImaging
) -> None:
    imported(place)
    file = tmp_path / "patients.txt"
    file.write_text("P-1\n\nP-2\n")
    assert delete(place, "--patients", str(file)) == 0
    assert place.stored() == []
    assert healthimaging_server.calls.count("DeleteImageSet") == 3


def test_an_unfinished_deletion_is_an_error(
    place: ImportPlace, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(place)
    place.datastore.polls_until_deleted = 99
    assert delete(place, "--patient", "P-1") == 1
    assert "run the same command again" in capsys.readouterr().err
    assert ("P-1", "deleted") not in states(place)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [([], "give pseudonyms"), (["--patients", "/nowhere"], "/nowhere cannot be read")],
)
def test_wrong_arguments_are_refused(
    place: ImportPlace, capsys: pytest.CaptureFixture[str], argv: list[str], sentence: str
) -> None:
    place.put(1)
    assert delete(place, *argv) == 2
    assert sentence in capsys.readouterr().err


def test_no_output_names_a_patient(place: ImportPlace, capsys: pytest.CaptureFixture[str]) -> None:
    imported(place)
    assert delete(place, "--patient", "P-1") == 0
    out, err = capsys.readouterr()
    assert "P-1" not in out + err
