"""Send the objects of a chunk by STOW-RS, for small imports without a job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from jobs.aws.healthimaging.frame_checksums import are_equal
from jobs.aws.healthimaging.imports.chunk_store import ChunkState
from jobs.aws.healthimaging.imports.results import FileResult
from jobs.aws.healthimaging.imports.staging import CheckedItem
from jobs.aws.healthimaging.service import FoundImageSet
from jobs.aws.healthimaging.warning_policy import type_of_number
from jobs.common.aws.client_errors import error_code
from jobs.common.aws.dicomweb import StoreOutcome
from jobs.common.aws.signed_http import HttpError
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError

#: Waits for a search to find what was stored.
_SEARCH_WAITS_SECONDS = (1.0, 3.0, 9.0)


class InstanceSender(Protocol):
    """Sends instances by STOW-RS."""

    def store(self, instances: Sequence[bytes]) -> StoreOutcome:
        """Store instances and return the outcome of each."""


class ImageSetReader(Protocol):
    """Finds image sets and reads the checksums of their frames."""

    def search(self, key: str, value: str) -> list[FoundImageSet]:
        """Return the image sets that have a value."""

    def read_checksums(self, image_set_id: str) -> dict[str, list[int]]:
        """Return the checksums of the frames of each instance, by SOP Instance UID."""


def send_instances(sender: InstanceSender, instances: Sequence[bytes]) -> StoreOutcome:
    """Send instances.

    Parameters
    ----------
    sender : InstanceSender
        Client of the data store.
    instances : sequence of bytes
        Files of PS3.10.

    Raises
    ------
    JobError
        If the request fails.
    """
    try:
        return sender.store(instances)
    except HttpError as error:
        code = error_code(error)
        raise JobError(
            f"objects cannot be sent to the data store ({code}); "
            + (advise(code) or "check the permission medical-imaging:StoreDICOM")
        ) from None


def read_outcome(
    state: ChunkState,
    outcome: StoreOutcome,
    reader: ImageSetReader,
    sleep: Callable[[float], None],
) -> dict[str, FileResult]:
    """Return the result of each object by the name of its file.

    Parameters
    ----------
    state : ChunkState
        The chunk that was sent.
    outcome : StoreOutcome
        Answer of the data store.
    reader : ImageSetReader
        Finds the image sets: the answer does not name them.
    sleep : callable
        Waits for a number of seconds.

    Raises
    ------
    JobError
        If the data store cannot be searched, or does not find what it has stored.
    """
    stored = {*outcome.stored, *outcome.warnings}
    places = _wait_for_places(state, stored, reader, sleep)
    results: dict[str, FileResult] = {}
    for one in state.accepted:
        uid, name = one.item.sop_uid, one.item.file_name
        if uid in outcome.failures:
            results[name] = FileResult(exception_type=f"FailureReason{outcome.failures[uid]:04X}")
        elif uid in stored:
            warnings = (type_of_number(outcome.warnings[uid]),) if uid in outcome.warnings else ()
            image_set = places[uid][0]
            results[name] = FileResult(
                "", image_set.id, image_set.version, image_set.is_primary, warnings
            )
    return results


def _wait_for_places(
    state: ChunkState, stored: set[str], reader: ImageSetReader, sleep: Callable[[float], None]
) -> dict[str, tuple[FoundImageSet, list[int]]]:
    items = [one for one in state.accepted if one.item.sop_uid in stored]
    for wait in (*_SEARCH_WAITS_SECONDS, None):
        places = find_places(items, reader)
        if wait is None or all(one.item.sop_uid in places for one in items):
            break
        sleep(wait)
    missing = sum(one.item.sop_uid not in places for one in items)
    if missing:
        raise JobError(
            f"{missing} objects were stored and are not found in the data store yet; run the same "
            "command again"
        )
    return places


def find_stored(state: ChunkState, reader: ImageSetReader) -> StoreOutcome:
    """Return the outcome of an earlier request whose answer was lost.

    An object is stored if an image set has it with equal checksums. Its warnings are unknown; the
    search for warnings finds them.

    Parameters
    ----------
    state : ChunkState
        The chunk that may have been sent.
    reader : ImageSetReader
        Finds the image sets and reads their checksums.
    """
    places = find_places(state.accepted, reader)
    stored = [
        one.item.sop_uid
        for one in state.accepted
        if one.item.sop_uid in places
        and one.checksums
        and are_equal(one.checksums, places[one.item.sop_uid][1])
    ]
    return StoreOutcome(stored=tuple(stored))


def find_places(
    items: Sequence[CheckedItem], reader: ImageSetReader
) -> dict[str, tuple[FoundImageSet, list[int]]]:
    """Return the image set of each object and its checksums, by SOP Instance UID.

    A primary image set comes before others.

    Parameters
    ----------
    items : sequence of CheckedItem
        Objects to find.
    reader : ImageSetReader
        Finds the image sets.
    """
    places: dict[str, tuple[FoundImageSet, list[int]]] = {}
    for series_uid in sorted({one.item.series_uid for one in items}):
        found = reader.search("DICOMSeriesInstanceUID", series_uid)
        for image_set in sorted(found, key=lambda one: one.is_primary is False):
            for uid, checksums in reader.read_checksums(image_set.id).items():
                places.setdefault(uid, (image_set, checksums))
    return places
