"""Decide which imported instances are released, and make their rows.

An instance is released if no gate holds it: a warning of the import, a warning that only a search
finds (QIDO-RS for WarningReason (0008,1196), since HealthImaging imports non-conformant files with
a warning), frames with other checksums, or an image set that is not primary, which DICOMweb does
not find.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Optional, Protocol

from jobs.aws.healthimaging.frame_checksums import are_equal
from jobs.aws.healthimaging.imports.chunk_store import ChunkState
from jobs.aws.healthimaging.imports.items import FAILED, IMPORTED, REFUSED, UNLISTED, ImportItem
from jobs.aws.healthimaging.imports.results import FileResult
from jobs.aws.healthimaging.imports.staging import UNREADABLE, CheckedItem
from jobs.aws.healthimaging.warning_policy import WarningPolicy, type_of_number
from jobs.common.aws.client_errors import error_code
from jobs.common.aws.dicomweb import (
    SOP_UID,
    WARNING_REASON,
    DicomwebClient,
    first_value,
    healthimaging_client,
)
from jobs.common.aws.signed_http import HttpError
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError
from jobs.common.delta.rows import ImportRow
from safelight.version import VERSION

#: Values of ``frame_check`` in ``imports``.
EQUAL, DIFFERENT, NOT_COMPARED, OFF = "equal", "different", "not_compared", "off"

NOT_PRIMARY, FRAMES_DIFFER, FRAMES_NOT_COMPARED = "not_primary", "frames_differ", "frames_unknown"
NOT_LISTED = "NotListed"

#: Gate of a patient whose image sets were deleted while the import was running.
WITHDRAWN = "withdrawn"


class ChecksumReader(Protocol):
    """Reads the checksums of the frames of an image set."""

    def read_checksums(self, image_set_id: str) -> dict[str, list[int]]:
        """Return the checksums of the frames of each instance, by SOP Instance UID."""


class WarningSearch(Protocol):
    """Searches a data store for instances with a warning."""

    def find_warnings(self, study_uid: str, series_uid: str) -> Mapping[str, int]:
        """Return the numbers of WarningReason of a series, by SOP Instance UID."""


class DicomwebWarningSearch:
    """Search for warnings by QIDO-RS.

    Parameters
    ----------
    client : DicomwebClient
        Client of the data store.
    """

    def __init__(self, client: DicomwebClient):
        self._client = client

    @classmethod
    def of_datastore(cls, datastore_id: str, region: Optional[str]) -> DicomwebWarningSearch:
        """Return the search of a data store.

        Raises
        ------
        UsageError
            If no region is configured.
        """
        return cls(healthimaging_client(datastore_id, region))

    def find_warnings(self, study_uid: str, series_uid: str) -> Mapping[str, int]:
        """Return the numbers of WarningReason of a series, by SOP Instance UID.

        Parameters
        ----------
        study_uid, series_uid : str
            New UIDs.

        Raises
        ------
        JobError
            If the search fails.
        """
        resource = f"studies/{study_uid}/series/{series_uid}/instances"
        query = (("WarningReason", "*"), ("includefield", WARNING_REASON))
        try:
            return {
                first_value(found, SOP_UID): int(first_value(found, WARNING_REASON) or 0)
                for found in self._client.search(resource, query)
            }
        except (HttpError, ValueError) as error:
            code = error_code(error)
            raise JobError(
                f"the data store cannot be searched for warnings ({code}); "
                + (advise(code) or "check the permission medical-imaging:SearchDICOMInstances")
            ) from None


@dataclass(frozen=True)
class GateSettings:
    """Gates of an import.

    Attributes
    ----------
    policy : WarningPolicy
        Action of each warning type.
    reader : ChecksumReader
        Reads the checksums of image sets.
    search : WarningSearch or None
        Search for warnings; ``None`` for none.
    compare_frames : bool
        Compare the checksums of the frames.
    """

    policy: WarningPolicy
    reader: ChecksumReader
    search: Optional[WarningSearch]
    compare_frames: bool


@dataclass(frozen=True)
class StoreFindings:
    """Answers of the data store about the instances of a chunk.

    Attributes
    ----------
    checksums : dict
        Checksums of the frames by image set ID and SOP Instance UID.
    reasons : dict
        Numbers of WarningReason by SOP Instance UID.
    """

    checksums: Mapping[str, Mapping[str, list[int]]] = field(default_factory=dict, repr=False)
    reasons: Mapping[str, int] = field(default_factory=dict, repr=False)


def judge_chunk(
    state: ChunkState, files: Mapping[str, FileResult], settings: GateSettings
) -> list[ImportRow]:
    """Return the rows of ``imports`` of a chunk.

    Objects that could not be read have no row, so that the next import takes them again.

    Parameters
    ----------
    state : ChunkState
        The chunk, checked.
    files : mapping of str to FileResult
        Result by the name of the file, as the import job lists it.
    settings : GateSettings
        Gates of the import.

    Raises
    ------
    JobError
        If the data store cannot be asked.
    """
    by_name: dict[str, FileResult] = {}
    unlisted: list[FileResult] = []
    names = {one.item.file_name for one in state.accepted}
    for path, result in files.items():
        name = path.rpartition("/")[2]
        if name in names and name not in by_name:
            by_name[name] = result
        elif not result.exception_type:
            unlisted.append(result)
    results = {one.item.sop_uid: by_name.get(one.item.file_name) for one in state.accepted}
    found = _ask_store(state.accepted, results, settings)
    judge = _Judge(state, settings, found)
    rows = [judge.refuse(one) for one in state.checked or () if one.refusal not in ("", UNREADABLE)]
    rows += [judge.decide(one, results[one.item.sop_uid]) for one in state.accepted]
    return rows + [judge.report(result) for result in unlisted]


def _ask_store(
    accepted: Iterable[CheckedItem],
    results: Mapping[str, Optional[FileResult]],
    settings: GateSettings,
) -> StoreFindings:
    image_sets: set[str] = set()
    series: set[tuple[str, str]] = set()
    for one in accepted:
        result = results[one.item.sop_uid]
        if result is not None and not result.exception_type:
            image_sets.add(result.image_set_id)
            series.add((one.item.study_uid, one.item.series_uid))
    checksums: dict[str, dict[str, list[int]]] = {}
    if settings.compare_frames:
        checksums = {one: settings.reader.read_checksums(one) for one in sorted(image_sets)}
    reasons: dict[str, int] = {}
    if settings.search is not None:
        for study_uid, series_uid in sorted(series):
            reasons |= settings.search.find_warnings(study_uid, series_uid)
    return StoreFindings(checksums, reasons)


class _Judge:
    """Make the rows of one chunk."""

    def __init__(self, state: ChunkState, settings: GateSettings, found: StoreFindings):
        self._state = state
        self._settings = settings
        self._found = found
        self._moment = datetime.now(timezone.utc)

    def refuse(self, checked: CheckedItem) -> ImportRow:
        """Return the row of an object that was not sent."""
        row = self._make_row(checked.item, FileResult(exception_type=checked.refusal))
        row.status = REFUSED
        return row

    def decide(self, checked: CheckedItem, result: Optional[FileResult]) -> ImportRow:
        """Return the row of an object that was sent."""
        result = result or FileResult(exception_type=NOT_LISTED)
        row = self._make_row(checked.item, result)
        if result.exception_type:
            return row
        row.frame_check = self._compare(checked, result)
        row.frames = len(checked.checksums) if checked.checksums is not None else None
        row.gates = sorted(self._find_gates(checked, result, row.frame_check))
        row.released = not row.gates
        return row

    def report(self, result: FileResult) -> ImportRow:
        """Return the row of a file that was imported although the chunk does not hold it."""
        row = self._make_row(ImportItem("", "", "", "", "", 0, ""), result)
        row.status, row.gates = UNLISTED, [UNLISTED]
        return row

    def _make_row(self, item: ImportItem, result: FileResult) -> ImportRow:
        chunk = self._state.chunk
        return ImportRow(
            datastore_id=chunk.datastore_id,
            chunk=chunk.token,
            job_id=self._state.job_id,
            method=chunk.method,
            output_uri=item.uri,
            output_sha256=item.sha256,
            patient_pseudonym=item.patient,
            study_uid=item.study_uid,
            series_uid=item.series_uid,
            sop_uid=item.sop_uid,
            status=FAILED if result.exception_type else IMPORTED,
            exception_type=result.exception_type,
            image_set_id=result.image_set_id,
            image_set_version=result.image_set_version,
            is_primary=result.is_primary,
            warnings=list(result.warnings),
            frames=None,
            frame_check=OFF,
            gates=[],
            released=False,
            imported_at=self._moment,
            software_version=VERSION,
        )

    def _compare(self, checked: CheckedItem, result: FileResult) -> str:
        if not self._settings.compare_frames:
            return OFF
        if checked.checksums is None:
            return NOT_COMPARED
        stored = self._found.checksums[result.image_set_id].get(checked.item.sop_uid, [])
        return EQUAL if are_equal(checked.checksums, stored) else DIFFERENT

    def _find_gates(
        self, checked: CheckedItem, result: FileResult, frame_check: str
    ) -> Iterable[str]:
        policy = self._settings.policy
        yield from (f"warning:{name}" for name in policy.find_gates(result.warnings))
        reason = self._found.reasons.get(checked.item.sop_uid)
        if reason is not None and not result.warnings:
            types = policy.find_gates([type_of_number(reason)])
            yield from (f"warning_reason:{name}" for name in types)
        if result.is_primary is False:
            yield NOT_PRIMARY
        if frame_check == DIFFERENT:
            yield FRAMES_DIFFER
        if frame_check == NOT_COMPARED:
            yield FRAMES_NOT_COMPARED


def hold_withdrawn(rows: Iterable[ImportRow], withdrawn: Container[str]) -> None:
    """Hold the imported instances of patients who were deleted while the import was running.

    Parameters
    ----------
    rows : iterable of ImportRow
        Rows of a chunk; they are changed.
    withdrawn : container of str
        Pseudonyms of the patients.
    """
    for row in rows:
        if row.status == IMPORTED and row.patient_pseudonym in withdrawn:
            row.gates, row.released = [*row.gates, WITHDRAWN], False


def count_gates(rows: Iterable[ImportRow]) -> dict[str, int]:
    """Return the number of rows that each gate holds."""
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        for gate in row.gates:
            counts[gate] += 1
    return dict(sorted(counts.items()))
