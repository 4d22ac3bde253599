"""De-identify one DICOM object: parse it, find PHI, redact it, and write a new object."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Optional, TypeAlias, TypeVar

from safelight.base_deidentifier import BaseDeidentifier
from safelight.child_process import run_in_child_process
from safelight.dicom.parser import ParsedObject, parse
from safelight.dicom.tags import MODALITY, OVERLAY_DATA, PIXEL_DATA_TAGS
from safelight.headers.stage import HeaderStage
from safelight.lookups import read_lookups
from safelight.pixels.codecs.unread_bytes import has_unread_bytes
from safelight.records import Annotate, Reason, Refusal, Result, Span, Status
from safelight.redaction_report import StageReport
from safelight.rules import RuleSet
from safelight.rules.lookups import LookupRows
from safelight.rules.shift_lookup import make_shift_finder
from safelight.standard.attribute_categories import is_registered_uid
from safelight.standard.options import Option
from safelight.text.known.known_phi import KnownPHI, KnownValue

if TYPE_CHECKING:
    from safelight.documents.stage import DocumentScan, DocumentStage
    from safelight.pixels.models import PixelScan
    from safelight.pixels.stage import PixelStage

T = TypeVar("T")

#: Time of a step if only its memory is limited.
_DEFAULT_SECONDS = 1800.0
#: Seconds and bytes of a step.
_Limits: TypeAlias = tuple[float, Optional[int]]
#: Types of an object in memory.
_BytesLike: TypeAlias = bytes | bytearray | memoryview

# Defined Terms of Modality (PS3.3, section C.7.3.1.1.1).
_MODALITY = re.compile(r"[A-Z]{2,3}|RT[A-Z]{3,8}|OPT[A-Z]{0,6}|IVOCT|IVUS|HMDX|BDUS|RESP|PLAN|POS")


@dataclass(frozen=True)
class SourceScan:
    """Result of the SCAN step for one source object. HOLDS PHI: keep it in memory only.

    Attributes
    ----------
    texts : frozenset of str
        Distinct texts that a text model must annotate before the object can be rebuilt.
    pixels : PixelScan or None
        Text lines in the pixels; None if the pixels were not checked.
    document : DocumentScan or None
        PHI found in a structured report or an encapsulated document.
    refusal : Result or None
        Result of the object if it was refused during the scan.
    """

    texts: frozenset[str] = frozenset()
    pixels: PixelScan | None = None
    document: DocumentScan | None = None
    refusal: Result | None = None


@dataclass
class _SourceFacts:
    """Attributes of the source object that the result of a refused object may contain."""

    sop_class_uid: str = ""
    modality: str = ""
    transfer_syntax: str = ""


class Deidentifier(BaseDeidentifier):
    """De-identifier of DICOM objects, one at a time, without Spark and without a cloud.

    Threads may share a de-identifier, and it can be pickled for the workers of Spark. A pickle
    HOLDS THE KEY.

    Parameters
    ----------
    rules : str, Path or RuleSet
        Name of a shipped rule set, path of a rules file, or a rule set that is already loaded.
    key : bytes
        Master key of at least 32 random bytes.
    namespace : str
        Project or recipient. Pseudonyms of different namespaces cannot be linked.
    pixels : bool
        True to check pixels for burned-in text.
    text : bool
        True to clean free text; false to remove it completely.
    annotate : Annotate, optional
        Text model: takes texts and returns the spans of each text. Without a model, and without
        spans passed to :meth:`rebuild`, free text and sequences of descriptions that the rules
        clean are removed completely.
    lookup_rows : mapping of str to LookupRows, optional
        Rows of the lookup tables of the rules (default: read from local files). PHI.
    object_seconds : float, optional
        Wall-clock time of each of the two steps on one object, scan and rebuild. With a limit,
        every step runs in a forked child process, which costs some milliseconds, and about a
        second if it reads pixels, because each child loads the image libraries. The text model
        runs in this process and has no limit.
    object_memory_bytes : int, optional
        Memory that a step may allocate in addition to what this process holds; Linux only.

    Raises
    ------
    RulesError
        If the rules cannot be read.
    TypeError
        If the key is not bytes.
    ValueError
        If the key is too short, or if this platform has no child processes to limit.

    Examples
    --------
    >>> deidentifier = Deidentifier("basic", key=bytes(range(32)), pixels=False)
    >>> deidentifier.deidentify(b"").reason_code
    'not_dicom'
    """

    def __init__(
        self,
        rules: str | Path | RuleSet = "research",
        *,
        key: bytes,
        namespace: str = "default",
        pixels: bool = True,
        text: bool = True,
        annotate: Annotate | None = None,
        lookup_rows: Mapping[str, LookupRows] | None = None,
        object_seconds: float | None = None,
        object_memory_bytes: int | None = None,
    ):
        super().__init__(rules, key=key, namespace=namespace, text=text, annotate=annotate)
        if self.rules.lookups and lookup_rows is None:
            lookup_rows = read_lookups(self.rules)
        self._arguments |= {
            "pixels": pixels,
            "lookup_rows": lookup_rows,
            "object_seconds": object_seconds,
            "object_memory_bytes": object_memory_bytes,
        }
        self.pseudonyms.use_shifts(make_shift_finder(self.rules, lookup_rows or {}))
        self.headers = HeaderStage(self.rules, self.pseudonyms, lookup_rows)
        self._limits = _make_limits(object_seconds, object_memory_bytes)
        self._pixels: PixelStage | None = None
        if pixels and self.rules.pixels.check:
            # Imported here because image and OCR libraries take a second to load.
            from safelight.pixels.stage import PixelStage

            self._pixels = PixelStage(self.rules.pixels)

    def deidentify(self, data: _BytesLike) -> Result:
        """De-identify one object.

        Parameters
        ----------
        data : bytes-like
            One DICOM object.

        Returns
        -------
        Result
            Bad input gives a quarantined or filtered result, never an exception.
        """
        facts = _SourceFacts()
        try:
            if self._limits is not None:
                scan = self.scan(data)
                return self.rebuild(data, scan, self.annotate_texts(scan.texts))
            parsed = self._parse(data, facts)
            scan = self._scan(parsed)
            return self._rebuild(parsed, scan, self.annotate_texts(scan.texts), facts)
        except Exception as error:
            return _refused_result(error, facts)

    def scan(self, data: _BytesLike) -> SourceScan:
        """Find the texts of one object that must be annotated, in its elements and its pixels.

        Parameters
        ----------
        data : bytes-like
            One DICOM object.

        Returns
        -------
        SourceScan
            Bad input gives a scan with a refusal, never an exception.
        """
        try:
            return self._run(lambda: self._scan_bytes(data))
        except Refusal as refusal:
            return SourceScan(refusal=_refused_result(refusal, _SourceFacts()))

    def scan_start(self, start: bytes, size: int) -> SourceScan | None:
        """Scan an object from its first bytes, so that a worker need not fetch native pixels.

        Parameters
        ----------
        start : bytes
            First bytes of the object, up to the pixels or beyond.
        size : int
            Size of the whole object in bytes.

        Returns
        -------
        SourceScan or None
            None if the whole object is needed: its pixels are checked, are encapsulated or are
            not its last element, its header is longer than ``start``, or it would be refused.
        """
        if self._pixels is not None:
            return None
        try:
            parsed = parse(start, size)
            *header, last = parsed.elements
            is_native = last.tag in PIXEL_DATA_TAGS and not last.undefined
            if not is_native or last.stop != size:
                return None
            if any(element.stop > len(start) for element in header):
                return None
            return self._scan(parsed)
        except Exception:  # the scan of the whole object reports the error
            return None

    def rebuild(
        self,
        data: _BytesLike,
        scan: SourceScan,
        spans: Mapping[str, Sequence[Span]] | None = None,
    ) -> Result:
        """Write the de-identified object.

        Parameters
        ----------
        data : bytes-like
            The same bytes that were scanned.
        scan : SourceScan
            Result of :meth:`scan` or :meth:`scan_start`.
        spans : mapping of str to sequence of Span, optional
            Spans of each text of ``scan.texts``; None if no text model was used.

        Returns
        -------
        Result
            Bad input gives a quarantined or filtered result, never an exception.
        """
        if scan.refusal:
            return scan.refusal
        try:
            return self._run(lambda: self._rebuild_bytes(data, scan, spans))
        except Refusal as refusal:
            return _refused_result(refusal, _SourceFacts())

    def _run(self, function: Callable[[], T]) -> T:
        """Return what a step returns; with limits it runs in a child process.

        Raises
        ------
        Refusal
            If the step exceeds a limit or ends its process.
        """
        return function() if self._limits is None else run_in_child_process(function, *self._limits)

    def _scan_bytes(self, data: _BytesLike) -> SourceScan:
        facts = _SourceFacts()
        try:
            return self._scan(self._parse(data, facts))
        except Exception as error:
            return SourceScan(refusal=_refused_result(error, facts))

    def _rebuild_bytes(
        self, data: _BytesLike, scan: SourceScan, spans: Mapping[str, Sequence[Span]] | None
    ) -> Result:
        facts = _SourceFacts()
        try:
            return self._rebuild(self._parse(data, facts), scan, spans, facts)
        except Exception as error:
            return _refused_result(error, facts)

    def _scan(self, parsed: ParsedObject) -> SourceScan:
        self._filter(parsed)
        if parsed.has_repeated_tags:
            _refuse_repeated_images(parsed)
        texts = self.headers.collect_texts(parsed) if self.text else frozenset()
        pixels = document = None
        if self._pixels is None:
            self._refuse_unmasked_regions(parsed)
        elif any(map(parsed.find, PIXEL_DATA_TAGS)):
            pixels = self._pixels.scan(parsed, self.headers.make_attribute_getter(parsed))
            if self.text:
                texts |= frozenset(pixels.texts)
        if self.text and self.headers.has_document(parsed):
            document = self._documents.scan(parsed)
            texts |= document.texts
        return SourceScan(texts, pixels, document)

    def _refuse_unmasked_regions(self, parsed: ParsedObject) -> None:
        """Raise Refusal if the rules mask regions of pixels that this run does not change."""
        if self.rules.pixels.regions and any(map(parsed.find, PIXEL_DATA_TAGS)):
            raise Refusal(
                Reason.PIXELS_NOT_CHECKED,
                "the rules have pixels.regions, which a run without pixels does not mask; run "
                "with --pixels on",
            )

    def _rebuild(
        self,
        parsed: ParsedObject,
        scan: SourceScan,
        spans: Mapping[str, Sequence[Span]] | None,
        facts: _SourceFacts,
    ) -> Result:
        if not self.text:
            spans = None
        report = self._redact(parsed, scan, spans)
        written = self.headers.write(parsed, spans, report.replacement, report.known)
        return Result(
            status=Status.DEIDENTIFIED,
            data=written.data,
            sop_class_uid=parsed.sop_class_uid,
            modality=facts.modality,
            transfer_syntax_in=facts.transfer_syntax,
            transfer_syntax_out=written.transfer_syntax,
            study_uid=written.study_uid,
            series_uid=written.series_uid,
            sop_uid=written.sop_uid,
            patient_pseudonym=written.patient_pseudonym,
            actions=written.actions + report.actions,
            findings=written.findings + report.findings,
            mappings=written.mappings,
            catalog=written.catalog,
        )

    def _parse(self, data: _BytesLike, facts: _SourceFacts) -> ParsedObject:
        if not isinstance(data, bytes):
            data = _to_bytes(data)
        parsed = parse(data)
        facts.transfer_syntax = parsed.transfer_syntax
        facts.modality = _if_matches(_MODALITY, parsed.text(MODALITY))
        uid = parsed.sop_class_uid
        facts.sop_class_uid = uid if is_registered_uid(uid) else ""
        return parsed

    def _filter(self, parsed: ParsedObject) -> None:
        """Raise Refusal if a filter of the rules rejects or quarantines the object."""
        matched = self.rules.match_filter(self.headers.make_attribute_getter(parsed))
        if matched is None or matched.outcome == "accept":
            return
        status = Status.FILTERED if matched.outcome == "reject" else Status.QUARANTINED
        raise Refusal(Reason.FILTERED_BY_RULE, matched.reason, status)

    def _redact(
        self,
        parsed: ParsedObject,
        scan: SourceScan,
        spans: Mapping[str, Sequence[Span]] | None,
    ) -> StageReport:
        """Redact PHI in the pixels or in the encapsulated document.

        Pixels that are not read lose only what no reader displays.
        """
        report = StageReport()
        if self._pixels is None and has_unread_bytes(parsed):
            report = self._remove_unread_bytes(parsed)
        if scan.document is None and scan.pixels is None:
            return report
        subject = self.headers.read_patient(parsed)
        patient = self.pseudonyms.patient(subject.identity)
        known = _known_phi(subject.known)
        if scan.document is not None and spans is not None:
            cleaned = self._documents.clean(parsed, scan.document, spans, known, patient)
            report = report.join(StageReport.from_document(cleaned, scan.document.known))
        if scan.pixels is not None and self._pixels is not None:
            masks = self._pixels.decide(scan.pixels, known, spans or {})
            redaction = self._pixels.redact(parsed, scan.pixels, masks, known, patient)
            report = report.join(StageReport.from_pixels(redaction, self.pseudonyms))
        return report

    def _remove_unread_bytes(self, parsed: ParsedObject) -> StageReport:
        """Remove what no reader displays from pixel data that this run does not read."""
        from safelight.pixels.redact.unread_bytes import remove_unread_bytes

        return StageReport.from_pixels(remove_unread_bytes(parsed), self.pseudonyms)

    @cached_property
    def _documents(self) -> DocumentStage:
        from safelight.documents.stage import DocumentStage

        return DocumentStage(
            self.rules.text,
            self.pseudonyms,
            self.rules.pixels.engine,
            with_devices=Option.RETAIN_DEVICE_IDENTITY not in self.rules.options,
        )


def _make_limits(seconds: float | None, memory_bytes: int | None) -> _Limits | None:
    """Return the limits of a step, or None if there are none.

    Raises
    ------
    ValueError
        If this platform has no child processes of this kind.
    """
    if seconds is None and memory_bytes is None:
        return None
    if not hasattr(os, "fork"):
        raise ValueError("limits of time and memory need os.fork; run on Linux or without limits")
    return (_DEFAULT_SECONDS if seconds is None else seconds), memory_bytes


def _to_bytes(data: object) -> bytes:
    """Return the bytes of a bytes-like object.

    Raises
    ------
    Refusal
        ``NOT_DICOM`` for an object of another type.
    """
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    raise Refusal(
        Reason.NOT_DICOM,
        f"the input is a {type(data).__name__}; pass the bytes of one DICOM object",
        Status.FILTERED,
    )


def _refuse_repeated_images(parsed: ParsedObject) -> None:
    """Refuse an object with two images or overlays, of which readers display only one.

    Raises
    ------
    Refusal
        ``MALFORMED`` if pixel data or overlay data occurs more than once.
    """
    images = [
        element.tag for element in parsed.elements
        if element.tag in PIXEL_DATA_TAGS or element.tag & 0xFF00FFFF == OVERLAY_DATA
    ]  # fmt: skip
    if len(images) != len(set(images)):
        raise Refusal(
            Reason.MALFORMED,
            "pixel data or overlay data occurs more than once; correct the object at the source",
        )


@lru_cache(maxsize=16)
def _known_phi(values: tuple[KnownValue, ...]) -> KnownPHI:
    """Return the matcher of one patient's values; the objects of a series share it."""
    return KnownPHI(values)


def _if_matches(pattern: re.Pattern[str], text: str) -> str:
    """Return a header value of a refused object if it matches, else an empty string."""
    return text if pattern.fullmatch(text) else ""


def _refused_result(error: Exception, facts: _SourceFacts) -> Result:
    """Return the result of an object that was refused or met an unexpected error."""
    refusal = Refusal.from_exception(error)
    return Result(
        status=refusal.status,
        reason_code=refusal.reason.value,
        reason=refusal.sentence,
        sop_class_uid=facts.sop_class_uid,
        modality=facts.modality,
        transfer_syntax_in=facts.transfer_syntax,
    )
