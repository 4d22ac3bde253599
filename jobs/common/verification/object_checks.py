"""Verify objects in the workers: each alone, against its row and against its original."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Optional

import pyarrow as pa

from jobs.common.delta.arrow_rows import Int32, decode_rows
from jobs.common.observe.progress_reporter import ProgressAddress, report_each
from jobs.common.spark.object_limits import ObjectLimits, is_repeated_task, run_limited
from jobs.common.storage.objects import read_object
from jobs.common.verification.check_results import (
    CheckResult,
    encode_results,
    make_checked,
    make_finding,
    make_link,
    make_refusal_defect,
)
from jobs.common.verification.comparison_keys import ComparisonKeys
from jobs.common.verification.stages import CHECK
from safelight.records import Refusal
from safelight.verify import NO_DECODER, Check, Defect, Expectation, MaskRegion, Verifier

_PIXEL_DATA = "(7FE0,0010)"
#: Checks whose defects an output may share with its original.
_SHARED_CHECKS = frozenset({Check.PIXELS, Check.REQUIRED, Check.UNCHECKED})


@dataclass(slots=True)
class RecordedMask:
    """One mask that `findings` records.

    Attributes
    ----------
    frame : int or None
        Index of the frame; None for all frames.
    box : list of int
        x, y, width and height in pixels.
    """

    frame: Optional[Int32]
    box: list[Int32]


@dataclass(slots=True)
class ObjectCheck:
    """One object to verify. ``original`` MAY HOLD PHI: it never leaves the executors.

    Attributes
    ----------
    uri, size, version : str, int, str
        Listed object of the output.
    sha256 : str
        SHA-256 of its row; empty without a row.
    original : str
        URI of the source; empty if originals are not compared.
    original_version : str
        Version of the source as it was processed.
    masked : bool
        Whether the audit records a mask.
    masks : list of RecordedMask
    """

    uri: str
    size: int
    version: str
    sha256: str = ""
    original: str = ""
    original_version: str = ""
    masked: bool = False
    masks: list[RecordedMask] = field(default_factory=list)

    def __repr__(self) -> str:
        """Return a representation without the URI of the original."""
        return f"ObjectCheck({self.uri!r})"

    @property
    def regions(self) -> tuple[MaskRegion, ...]:
        """Recorded masks in the form of the verifier."""
        return tuple(
            (mask.frame, (mask.box[0], mask.box[1], mask.box[2], mask.box[3]))
            for mask in self.masks
        )


def object_defect(detail: str) -> Defect:
    """Return the defect of an object that disagrees with the tables."""
    return Defect(Check.TABLES, "object", detail)


def _own_defects(
    verifier: Verifier, data: bytes, original: bytes | None, masked: bool
) -> Iterator[Defect]:
    """Yield the defects of an output.

    Pixel data that cannot be decoded in the original may be undecodable in the output. If the
    original can be decoded, or if the engine has encoded the pixels, the output must be, unless
    the verifier has no decoder for the encoding.
    """
    before: frozenset[Defect] | None = None
    for defect in verifier.check(data):
        if defect.check not in _SHARED_CHECKS or (original is None and not masked):
            yield defect
            continue
        if before is None:
            before = frozenset(verifier.check(original)) if original is not None else frozenset()
        if defect.check is Check.UNCHECKED:
            yield replace(defect, check=Check.PIXELS) if _is_broken(defect, before) else defect
        elif defect not in before:
            yield defect


def _is_broken(defect: Defect, before: frozenset[Defect]) -> bool:
    """Return whether pixel data were decodable before, or were encoded by the engine."""
    was_unchecked = any(
        other.check is Check.UNCHECKED and other.location == defect.location for other in before
    )
    return defect.location == _PIXEL_DATA and defect.detail != NO_DECODER and not was_unchecked


class ObjectChecker:
    """Verify the objects of one partition, as a function of ``mapInArrow``.

    Parameters
    ----------
    expectation : Expectation
        What the rules retain.
    ocr : bool
        Whether pixels are read.
    keys : ComparisonKeys
        Keys of the hashes.
    limits : ObjectLimits
        Time and memory of the check of one object.
    progress : ProgressAddress, optional
        Address for the progress.
    """

    def __init__(
        self,
        expectation: Expectation,
        ocr: bool,
        keys: ComparisonKeys,
        limits: ObjectLimits,
        progress: Optional[ProgressAddress] = None,
    ):
        self._progress = progress
        self._expectation = expectation
        self._ocr = ocr
        self._keys = keys
        self._limits = limits

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Verify the objects of one partition, given as rows of `ObjectCheck`."""
        return encode_results(self.check(decode_rows(ObjectCheck, batches)))

    def check(self, tasks: Iterable[ObjectCheck]) -> Iterator[CheckResult]:
        """Yield the results of objects."""
        keys = self._keys
        verifier = Verifier(self._expectation, keys.values, ocr=self._ocr, link_key=keys.links)
        for task in report_each(tasks, self._progress, CHECK, lambda task: task.size):
            check = partial(_check_object, verifier, task)
            try:
                yield from run_limited(check, self._limits, is_repeated_task())
            except Refusal as refusal:
                yield make_finding(task.uri, make_refusal_defect(refusal, "object"))
                yield make_checked(task.uri, False)


def _check_object(verifier: Verifier, task: ObjectCheck) -> list[CheckResult]:
    """Return the findings and the links of one object.

    Raises
    ------
    Refusal
        If the object cannot be read.
    """
    data = read_object(task.uri, task.version)
    defects: list[Defect] = []
    if task.sha256 and hashlib.sha256(data).hexdigest() != task.sha256:
        defects.append(object_defect("differs from its row (SHA-256)"))
    original = None
    if task.original:
        try:
            original = read_object(task.original, task.original_version)
        except Refusal:
            defects.append(object_defect("the original cannot be read, or has changed"))
    defects += _own_defects(verifier, data, original, task.masked)
    found: list[CheckResult] = []
    if original is not None:
        defects += verifier.compare(data, original, task.masked, task.regions)
        links = verifier.collect_links(data, original)
        found += (make_link(task.uri, link) for link in links)
    found += (make_finding(task.uri, defect) for defect in defects)
    found.append(make_checked(task.uri, original is not None))
    return found
