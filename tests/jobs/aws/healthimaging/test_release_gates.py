from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

import pytest

from jobs.aws.healthimaging.imports.chunk_store import ChunkState
from jobs.aws.healthimaging.imports.chunks import Chunk
from jobs.aws.healthimaging.imports.results import FileResult
from jobs.aws.healthimaging.imports.staging import NOT_LABELLED, UNREADABLE, CheckedItem
from jobs.aws.healthimaging.release_gates import GateSettings, count_gates, judge_chunk
from jobs.aws.healthimaging.warning_policy import WarningAction, WarningPolicy
from jobs.common.delta.rows import ImportRow
from tests.jobs.aws.healthimaging.items import make_item

ONE, TWO = make_item(1), make_item(2)


class FakeStore:
    """Answers with fixed checksums and warnings."""

    def __init__(self, checksums: Mapping[str, list[int]], reasons: Mapping[str, int]):
        self.checksums, self.reasons = dict(checksums), reasons
        self.searched: list[tuple[str, str]] = []

    def read_checksums(self, image_set_id: str) -> dict[str, list[int]]:
        assert image_set_id == "s"
        return self.checksums

    def find_warnings(self, study_uid: str, series_uid: str) -> Mapping[str, int]:
        self.searched.append((study_uid, series_uid))
        return self.reasons


def judge(
    checked: list[CheckedItem],
    files: dict[str, FileResult],
    *,
    policy: Optional[WarningPolicy] = None,
    checksums: Optional[Mapping[str, list[int]]] = None,
    reasons: Optional[Mapping[str, int]] = None,
    compare: bool = True,
) -> list[ImportRow]:
    state = ChunkState(Chunk("d", "job", tuple(one.item for one in checked)), checked, "j")
    store = FakeStore(checksums or {}, reasons or {})
    return judge_chunk(state, files, GateSettings(policy or WarningPolicy(), store, store, compare))


def accept(item: Any = ONE, sums: Optional[list[frozenset[int]]] = None) -> CheckedItem:
    return CheckedItem(item, "", [frozenset({5})] if sums is None else sums)


def result(**more: Any) -> FileResult:
    return FileResult(**({"image_set_id": "s", "image_set_version": 1, "is_primary": True} | more))


def test_an_instance_without_a_gate_is_released() -> None:
    (row,) = judge([accept()], {"in/2.25.301.dcm": result()}, checksums={ONE.sop_uid: [5]})
    assert row.released and row.status == "imported" and row.gates == []
    assert (row.frame_check, row.frames, row.image_set_version) == ("equal", 1, 1)


@pytest.mark.parametrize(
    ("stored", "gate"),
    [([6], "frames_differ"), ([5, 5], "frames_differ"), ([], "frames_differ")],
)
def test_other_checksums_hold_an_instance(stored: list[int], gate: str) -> None:
    (row,) = judge([accept()], {"2.25.301.dcm": result()}, checksums={ONE.sop_uid: stored})
    assert row.gates == [gate] and not row.released


def test_frames_that_cannot_be_compared_hold_an_instance() -> None:
    (row,) = judge([CheckedItem(ONE)], {"2.25.301.dcm": result()}, checksums={ONE.sop_uid: [5]})
    assert (row.gates, row.frame_check) == (["frames_unknown"], "not_compared")


def test_frames_are_not_compared_on_request() -> None:
    (row,) = judge([CheckedItem(ONE)], {"2.25.301.dcm": result()}, compare=False)
    assert row.released and row.frame_check == "off"


def test_an_object_without_pixels_has_nothing_to_compare() -> None:
    (row,) = judge([accept(sums=[])], {"2.25.301.dcm": result()}, checksums={ONE.sop_uid: []})
    assert row.released and row.frames == 0


def test_a_warning_of_the_search_counts_only_if_the_list_has_none() -> None:
    noted = WarningPolicy({"OTHER": WarningAction.NOTE})
    files = {"2.25.301.dcm": result(warnings=("OTHER",)), "2.25.302.dcm": result()}
    rows = judge(
        [accept(), accept(TWO)],
        files,
        policy=noted,
        checksums={ONE.sop_uid: [5], TWO.sop_uid: [5]},
        reasons={ONE.sop_uid: 47513, TWO.sop_uid: 0xB100},
    )
    assert [row.gates for row in rows] == [[], ["warning_reason:TRANSCODING_EXCEPTION"]]


def test_a_file_that_no_list_has_has_failed() -> None:
    (row,) = judge([accept()], {})
    assert (row.status, row.exception_type, row.released) == ("failed", "NotListed", False)


def test_a_refused_object_has_a_row_and_an_unreadable_one_has_none() -> None:
    rows = judge([CheckedItem(ONE, NOT_LABELLED), CheckedItem(TWO, UNREADABLE)], {})
    assert [(row.status, row.exception_type) for row in rows] == [("refused", NOT_LABELLED)]


def test_a_file_that_the_chunk_does_not_hold_is_reported() -> None:
    files = {"in/2.25.301.dcm": result(), "in/other/2.25.301.dcm": result(), "in/x.dcm": result()}
    rows = judge([accept()], files, checksums={ONE.sop_uid: [5]})
    assert [row.status for row in rows] == ["imported", "unlisted", "unlisted"]
    assert count_gates(rows) == {"unlisted": 2} and not rows[1].released
    assert rows[1].image_set_id == "s" and rows[1].output_uri == ""
