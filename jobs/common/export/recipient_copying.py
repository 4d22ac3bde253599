"""Rewrite the objects of a release for its recipient in the workers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Optional

from jobs.common.export.copying import COPIED_OUTCOMES
from jobs.common.export.verified_objects import NOT_VERIFIED
from jobs.common.observe.progress_reporter import ProgressAddress, report_each
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object, write_object
from safelight.records import Refusal
from safelight.releases.dicomdir import DirectoryEntry
from safelight.releases.object_rewriter import (
    ObjectRewriter,
    RecipientNames,
    SecondPassError,
)
from safelight.releases.treatment import ReleaseTreatment

#: Stage that rewrites the objects.
REWRITE = "REWRITE"


class SelectedObject(NamedTuple):
    """One de-identified object that is to be released.

    Attributes
    ----------
    run_id, source_id, namespace, patient_pseudonym, sop_uid : str
        Columns of ``instances``.
    output_uri, output_sha256, stages : str
        Location, SHA-256 and stages of the object.
    output_bytes : int
        Size of the object.
    rules_name, rules_hash : str
        Rules of the first pass.
    verification : str
        Outcome of the last verification of the object, or that there was none.
    """

    run_id: str
    source_id: str
    namespace: str
    patient_pseudonym: str
    sop_uid: str
    output_uri: str
    output_sha256: str
    stages: str
    output_bytes: int
    rules_name: str = ""
    rules_hash: str = ""
    verification: str = NOT_VERIFIED


@dataclass(frozen=True)
class ReleasedObject:
    """One object of a release in the namespace of the recipient.

    Attributes
    ----------
    selected : SelectedObject
        De-identified object from which it was made.
    path : str
        Path below the folder of the release.
    sha256 : str
        SHA-256 of the released object.
    size : int
        Size in bytes.
    study_uid, series_uid, sop_uid, patient : str
        Identifiers for the recipient.
    attributes : mapping of str to str
        Values of the columns of ``catalog`` in the released object.
    method_codes : tuple of str
        Codes of De-identification Method Code Sequence.
    entry : DirectoryEntry, optional
        Records for the DICOMDIR.
    """

    selected: SelectedObject
    path: str
    sha256: str
    size: int
    study_uid: str
    series_uid: str
    sop_uid: str
    patient: str
    attributes: Mapping[str, str]
    method_codes: tuple[str, ...]
    entry: Optional[DirectoryEntry] = None


class RewriteOutcome(NamedTuple):
    """Outcome of one object.

    Attributes
    ----------
    outcome : str
        Outcome of the write, or the reason for which the object was not released.
    released : ReleasedObject, optional
        Object of the release.
    refused : SelectedObject, optional
        Object that the second pass refuses; the release is made without it.
    """

    outcome: str
    released: Optional[ReleasedObject] = None
    refused: Optional[SelectedObject] = None


class RecipientCopier:
    """Rewrite the objects of one partition and yield the outcome of each.

    Parameters
    ----------
    folder : str
        URI of the folder of the release.
    key : bytes
        Master key of the second pass.
    recipient : str
        Name of the recipient.
    treatment : ReleaseTreatment
        Decisions of the release.
    progress : ProgressAddress, optional
        Address for the progress.
    """

    def __init__(
        self,
        folder: str,
        key: bytes,
        recipient: str,
        treatment: ReleaseTreatment,
        progress: Optional[ProgressAddress] = None,
    ):
        self._folder = folder
        self._key = key
        self._recipient = recipient
        self._treatment = treatment
        self._progress = progress

    def __call__(self, objects: Iterable[SelectedObject]) -> Iterator[RewriteOutcome]:
        """Rewrite the objects of one partition."""
        rewriters: dict[str, ObjectRewriter] = {}
        for item in report_each(objects, self._progress, REWRITE, lambda item: item.output_bytes):
            rewriter = rewriters.get(item.namespace)
            if rewriter is None:
                names = RecipientNames(self._key, self._recipient, item.namespace)
                rewriter = rewriters[item.namespace] = ObjectRewriter(names, self._treatment)
            yield self._rewrite(rewriter, item)

    def _rewrite(self, rewriter: ObjectRewriter, item: SelectedObject) -> RewriteOutcome:
        """Read, check, rewrite and write one object."""
        try:
            data = read_object(item.output_uri, None)
        except Refusal:
            return RewriteOutcome("objects cannot be read")
        if hashlib.sha256(data).hexdigest() != item.output_sha256:
            return RewriteOutcome("objects differ from their rows (SHA-256)")
        try:
            new = rewriter.rewrite(data, item.patient_pseudonym)
        except SecondPassError as error:
            return RewriteOutcome(f"objects {error}", refused=item)
        uri = parse_uri(self._folder).child(new.path).uri
        written = write_object(uri, new.data, new.sha256)
        if written.value not in COPIED_OUTCOMES:
            return RewriteOutcome("objects exist in the release with other content")
        return RewriteOutcome(
            written.value,
            ReleasedObject(
                item, new.path, new.sha256, len(new.data), new.study_uid, new.series_uid,
                new.sop_uid, new.patient, new.attributes, new.method_codes, new.entry,
            ),
        )  # fmt: skip


def is_new(outcome: RewriteOutcome) -> bool:
    """Return whether an object was written now, and not by a killed call before."""
    return outcome.outcome == WriteOutcome.NEW.value
