"""Rewrite the objects of a release for its recipient in the workers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Optional

import pyarrow as pa

from jobs.common.delta.arrow_rows import decode_rows
from jobs.common.export.copying import COPIED_OUTCOMES
from jobs.common.export.recipient.catalog import make_catalog
from jobs.common.export.recipient.rows import (
    ReleasedObject,
    RewriteOutcome,
    SelectedObject,
    encode_outcomes,
)
from jobs.common.observe.progress_reporter import ProgressAddress, report_each
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object, write_object
from safelight.records import Refusal
from safelight.releases.object_rewriter import (
    ObjectRewriter,
    RecipientNames,
    SecondPassError,
)
from safelight.releases.treatment import ReleaseTreatment

#: Stage that rewrites the objects.
REWRITE = "REWRITE"


class RecipientCopier:
    """Rewrite the objects of one partition, as a function of ``mapInArrow``.

    Parameters
    ----------
    release : str
        Name of the release.
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
        release: str,
        folder: str,
        key: bytes,
        recipient: str,
        treatment: ReleaseTreatment,
        progress: Optional[ProgressAddress] = None,
    ):
        self._release = release
        self._folder = folder
        self._key = key
        self._recipient = recipient
        self._treatment = treatment
        self._progress = progress

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Rewrite the objects of one partition, given as rows of `SelectedObject`."""
        rewriters: dict[str, ObjectRewriter] = {}
        for batch in batches:
            objects = decode_rows(SelectedObject, [batch])
            outcomes = list(self._rewrite_all(rewriters, objects))
            released = [one.released for one in outcomes if one.released is not None]
            yield encode_outcomes(outcomes, make_catalog(self._release, released))

    def _rewrite_all(
        self, rewriters: dict[str, ObjectRewriter], objects: Iterable[SelectedObject]
    ) -> Iterator[RewriteOutcome]:
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
            return RewriteOutcome(item, "objects cannot be read")
        if hashlib.sha256(data).hexdigest() != item.output_sha256:
            return RewriteOutcome(item, "objects differ from their rows (SHA-256)")
        try:
            new = rewriter.rewrite(data, item.patient_pseudonym, item.rules_hash)
        except SecondPassError as error:
            return RewriteOutcome(item, f"objects {error}", is_refused=True)
        uri = parse_uri(self._folder).child(new.path).uri
        written = write_object(uri, new.data, new.sha256)
        if written.value not in COPIED_OUTCOMES:
            return RewriteOutcome(item, "objects exist in the release with other content")
        released = ReleasedObject(
            item, new.path, new.sha256, len(new.data), new.study_uid, new.series_uid,
            new.sop_uid, new.patient, new.attributes, new.method_codes, new.entry,
        )  # fmt: skip
        return RewriteOutcome(item, written.value, released)
