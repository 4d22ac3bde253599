from __future__ import annotations

from collections.abc import Sequence

import pytest

from jobs.aws.healthimaging.imports.chunk_store import ChunkState
from jobs.aws.healthimaging.imports.chunks import STOW, Chunk
from jobs.aws.healthimaging.imports.staging import CheckedItem
from jobs.aws.healthimaging.imports.stow import find_stored, read_outcome, send_instances
from jobs.aws.healthimaging.service import FoundImageSet
from jobs.common.aws.dicomweb import StoreOutcome
from jobs.common.aws.signed_http import HttpError
from jobs.common.cli.errors import JobError
from tests.jobs.aws.healthimaging.items import make_item

ITEMS = tuple(make_item(n) for n in (1, 2, 3))
UIDS = [item.sop_uid for item in ITEMS]
STATE = ChunkState(
    Chunk("d", STOW, ITEMS), [CheckedItem(item, "", [frozenset({5})]) for item in ITEMS]
)


class FakeReader:
    """One series in a primary image set and in another one."""

    def __init__(self, primary: dict[str, list[int]], other: dict[str, list[int]]):
        self._sets = {"other": other, "primary": primary}

    def search(self, key: str, value: str) -> list[FoundImageSet]:
        assert (key, value) == ("DICOMSeriesInstanceUID", ITEMS[0].series_uid)
        return [FoundImageSet("other", 1, False), FoundImageSet("primary", 2, True)]

    def read_checksums(self, image_set_id: str) -> dict[str, list[int]]:
        return self._sets[image_set_id]


class RefusingSender:
    def store(self, instances: Sequence[bytes]) -> StoreOutcome:
        raise HttpError("403")


def test_each_object_has_its_outcome_and_its_image_set() -> None:
    reader = FakeReader({UIDS[0]: [5]}, {UIDS[0]: [6], UIDS[1]: [5]})
    outcome = StoreOutcome((UIDS[0],), {UIDS[1]: 0xB000}, {UIDS[2]: 0xC000})
    found = read_outcome(STATE, outcome, reader, lambda _: None)
    first, second, third = (found[item.file_name] for item in ITEMS)
    assert (first.image_set_id, first.is_primary, first.warnings) == ("primary", True, ())
    assert (second.is_primary, second.warnings) == (False, ("COERCION_OF_DATA_ELEMENTS",))
    assert third.exception_type == "FailureReasonC000"


def test_what_is_stored_must_be_found() -> None:
    waits: list[float] = []
    with pytest.raises(JobError, match="1 objects were stored and are not found"):
        read_outcome(STATE, StoreOutcome((UIDS[0],)), FakeReader({}, {}), waits.append)
    assert len(waits) == 3


def test_objects_of_an_earlier_request_have_equal_frames() -> None:
    reader = FakeReader({UIDS[0]: [5], UIDS[1]: [6]}, {})
    assert find_stored(STATE, reader).stored == (UIDS[0],)


def test_a_refused_request_names_the_permission() -> None:
    with pytest.raises(JobError, match="grant the driver"):
        send_instances(RefusingSender(), [b""])
