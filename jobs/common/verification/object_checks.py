"""Verify objects in the workers: each alone, against its row and against its original."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from jobs.common.observe.progress_reporter import ProgressAddress, report_each
from jobs.common.spark.object_limits import ObjectLimits, is_repeated_task, run_limited
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import read_object
from jobs.common.verification.stages import CHECK
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal
from safelight.verify import (
    NO_DECODER,
    Check,
    ConsistencyLink,
    Defect,
    Expectation,
    MaskRegion,
    Verifier,
)

_PIXEL_DATA = "(7FE0,0010)"
_LIMIT_REASONS = frozenset({Reason.OBJECT_TIMEOUT, Reason.OBJECT_MEMORY})
#: Checks whose defects an output may share with its original.
_SHARED_CHECKS = frozenset({Check.PIXELS, Check.REQUIRED, Check.UNCHECKED})


@dataclass(frozen=True)
class ObjectCheck:
    """One object to verify. ``original`` MAY HOLD PHI: it never leaves the worker.

    Attributes
    ----------
    output : Source
        Object of the output.
    sha256 : str
        SHA-256 of its row.
    original : str
        URI of the source; empty if originals are not compared.
    original_version : str
        Version of the source as it was processed.
    masked : bool
        Whether the audit records a mask.
    regions : tuple of MaskRegion
        Recorded masks.
    """

    output: Source
    sha256: str
    original: str
    original_version: str
    masked: bool
    regions: tuple[MaskRegion, ...] = ()


@dataclass(frozen=True)
class CheckedObject:
    """An output that was checked, whatever was found.

    Attributes
    ----------
    output_uri : str
    compared : bool
        Whether it was compared with its original.
    """

    output_uri: str
    compared: bool


#: What the check of one object yields.
CheckResult: TypeAlias = "tuple[str, Defect] | ConsistencyLink | CheckedObject"


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
    """Verify the objects of one partition and yield findings and links.

    Parameters
    ----------
    expectation : Expectation
        What the rules retain.
    ocr : bool
        Whether pixels are read.
    key : bytes
        Master key; empty if originals are not compared.
    namespace : str
        Namespace of the run.
    limits : ObjectLimits
        Time and memory of the check of one object.
    progress : ProgressAddress, optional
        Address for the progress.
    """

    def __init__(
        self,
        expectation: Expectation,
        ocr: bool,
        key: bytes,
        namespace: str,
        limits: ObjectLimits,
        progress: ProgressAddress | None = None,
    ):
        self._progress = progress
        self._expectation = expectation
        self._ocr = ocr
        self._key = key
        self._namespace = namespace
        self._limits = limits

    def __call__(self, tasks: Iterable[ObjectCheck]) -> Iterator[CheckResult]:
        """Verify the objects of one partition."""
        names = Pseudonyms(self._key, self._namespace) if self._key else None
        key = names.subkey("verify") if names else b""
        verifier = Verifier(self._expectation, key, ocr=self._ocr)
        for task in report_each(tasks, self._progress, CHECK, lambda task: task.output.size):
            check = partial(_check_object, verifier, task)
            try:
                yield from run_limited(check, self._limits, is_repeated_task())
            except Refusal as refusal:
                yield task.output.uri, _make_refusal_defect(refusal)
                yield CheckedObject(task.output.uri, False)


def _make_refusal_defect(refusal: Refusal) -> Defect:
    """Return the outcome of an object beyond the limits, or the defect of an unreadable one."""
    is_limit = refusal.reason in _LIMIT_REASONS
    check = Check.UNCHECKED if is_limit else Check.TABLES
    return Defect(check, "object", f"cannot be checked: {refusal.sentence}")


def _check_object(verifier: Verifier, task: ObjectCheck) -> list[CheckResult]:
    """Return the findings and the links of one object.

    Raises
    ------
    Refusal
        If the object cannot be read.
    """
    uri = task.output.uri
    data = read_object(uri, task.output.version)
    found: list[CheckResult] = []
    if task.sha256 and hashlib.sha256(data).hexdigest() != task.sha256:
        found.append((uri, object_defect("differs from its row (SHA-256)")))
    original = None
    if task.original:
        try:
            original = read_object(task.original, task.original_version)
        except Refusal:
            found.append((uri, object_defect("the original cannot be read, or has changed")))
    found += ((uri, defect) for defect in _own_defects(verifier, data, original, task.masked))
    if original is not None:
        compared = verifier.compare(data, original, task.masked, task.regions)
        found += ((uri, defect) for defect in compared)
        links = verifier.collect_links(data, original)
        found += (replace(link, output_uri=uri) for link in links)
    found.append(CheckedObject(uri, original is not None))
    return found
