"""The header stage: what an object says of its patient, and the object written anew."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from weakref import ref

from pydicom.datadict import tag_for_keyword

from safelight.headers import charset
from safelight.headers.catalog import catalog_of
from safelight.headers.collect import collect_texts
from safelight.headers.dictionary import keyword_of
from safelight.headers.element import ElementWriter
from safelight.headers.encoding import NATIVE_UIDS, STRING_VRS, UNDEFINED, Encoding, location
from safelight.headers.identity import (
    IDENTIFYING,
    PATIENT_ID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    Subject,
    identity_key,
    stand_in,
    subject_of,
)
from safelight.headers.marks import (
    BURNED_IN_ANNOTATION,
    MARK_TAGS,
    RECOGNIZABLE_VISUAL_FEATURES,
    mark,
)
from safelight.headers.meta import data_set_bytes, file_head
from safelight.headers.outcome import Place, Records
from safelight.headers.parse import ParsedObject
from safelight.headers.transform import Transformer
from safelight.headers.values import number_text, replace_uid
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Finding, Reason, Refusal, Span
from safelight.records import Mapping as Pair
from safelight.rules import Op, Plan, RuleSet
from safelight.standard.confidentiality import EDITION
from safelight.standard.options import Option
from safelight.text.known import KnownPHI, KnownValue
from safelight.version import VERSION

SOP_CLASS_UID = 0x00080016
SERIES_INSTANCE_UID = 0x0020000E
MODALITY = 0x00080060
PIXEL_DATA = 0x7FE00010

_UID = re.compile(r"[0-9]+(?:\.[0-9]+){1,63}")

#: Content Sequence and Encapsulated Document.
_DOCUMENTS = {0x0040A730: Op.STRUCTURED_CONTENT, 0x00420011: Op.ENCAPSULATED_DOCUMENT}

#: Patients, series and encodings of which a worker remembers outcomes at a time.
_REMEMBERED = 8


@dataclass(frozen=True)
class Replacement:
    """What the pixel and document stages put in place of the original's elements.

    Attributes
    ----------
    elements : dict
        Tag → (VR, value) at the top level, ``None`` to remove.
    transfer_syntax : str or None
        The new one, if it changed.
    pixels_cleaned : bool
        Whether Clean Pixel Data was done and proved.
    recognizable_face : bool or None
        Value for (0028,0302); ``None`` where nothing is known of it.
    """

    elements: Mapping[int, tuple[str, bytes] | None] = field(default_factory=dict)
    transfer_syntax: str | None = None
    pixels_cleaned: bool = False
    recognizable_face: bool | None = None


UNCHANGED = Replacement()


@dataclass(frozen=True)
class WrittenObject:
    """One new object and everything there is to record of it."""

    data: bytes
    transfer_syntax: str
    study_uid: str
    series_uid: str
    sop_uid: str
    patient_pseudonym: str
    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    mappings: tuple[Pair, ...]
    catalog: dict[str, Any]


class HeaderStage:
    """Reads and rewrites headers by one rule set under one key.

    Parameters
    ----------
    rules : RuleSet
    pseudonyms : Pseudonyms
    """

    def __init__(self, rules: RuleSet, pseudonyms: Pseudonyms):
        self.rules = rules
        self.plan = Plan(rules)
        self.pseudonyms = pseudonyms
        self._marks = lru_cache(maxsize=64)(self._encoded_marks)
        self._transformers: OrderedDict[object, Transformer] = OrderedDict()
        self._subjects: OrderedDict[tuple[object, ...], Subject] = OrderedDict()
        self._last: tuple[ref[ParsedObject] | None, Subject] = (None, Subject("", True, (), ()))
        anywhere = self.plan.for_sop_class("").rules
        self._kept = frozenset(tag for tag in IDENTIFYING if anywhere[tag].op is Op.KEEP)

    def subject(self, parsed: ParsedObject) -> Subject:
        """Whom the object is about; remembered for the objects that say the same."""
        last, subject = self._last
        if last is not None and last() is parsed:
            return subject
        key = identity_key(parsed)
        found = self._subjects.get(key)
        if found is None:
            found = subject_of(parsed, self.rules.issuer_in_identity, self._kept)
            self._subjects[key] = found
            if len(self._subjects) > 1024:
                self._subjects.popitem(last=False)
        self._last = (ref(parsed), found)
        return found

    def getter(self, parsed: ParsedObject) -> Callable[[str], str]:
        """Reads a top-level value by keyword, as text, for filters and device catalogs."""

        def get(keyword: str) -> str:
            tag = tag_for_keyword(keyword)
            element = parsed.find(tag) if tag is not None else None
            if element is None:
                return ""
            raw = parsed.data[element.value : element.stop]
            if element.vr in STRING_VRS:
                return charset.decode(raw, element.vr, self.subject(parsed).encodings)
            return number_text(raw, element.vr, parsed.encoding)

        return get

    def holds_document(self, parsed: ParsedObject) -> bool:
        """Whether there is a report or an encapsulated document that must be cleaned to pass."""
        rules = self.plan.for_sop_class(sop_class_of(parsed)).rules
        return any(
            parsed.find(tag) is not None and rules[tag].op is op for tag, op in _DOCUMENTS.items()
        )

    def texts(self, parsed: ParsedObject) -> frozenset[str]:
        """Distinct free texts that the rules want cleaned."""
        level = self.plan.for_sop_class(sop_class_of(parsed))
        return collect_texts(parsed, self.rules, level, self.subject(parsed).encodings)

    def write(
        self,
        parsed: ParsedObject,
        spans: Mapping[str, Sequence[Span]] | None = None,
        replacement: Replacement = UNCHANGED,
        also_known: Sequence[KnownValue] = (),
    ) -> WrittenObject:
        """Write the de-identified object.

        Parameters
        ----------
        parsed : ParsedObject
        spans : mapping, optional
            PHI by distinct text (see :meth:`texts`); without it such text is removed whole.
        replacement : Replacement
            What the pixel and document stages did; by default all is written as it stands.
        also_known : sequence of KnownValue
            Values found in the pixels, to be cut out of the header's free text as well.

        Raises
        ------
        Refusal
            If a step that the rules ask for cannot be done.
        """
        subject, encoding = self.subject(parsed), parsed.encoding
        sop_class = sop_class_of(parsed)
        read = spans is not None
        transformer = self._transformer(subject, sop_class, encoding, tuple(also_known), read)
        patient = transformer.writer.patient
        transfer_syntax = replacement.transfer_syntax or parsed.transfer_syntax
        inserted = self._inserted(encoding, replacement, transfer_syntax)
        if parsed.find(PATIENT_ID) is None or subject.stands_in:
            inserted[PATIENT_ID] = encoding.element(
                PATIENT_ID, "LO", patient.pseudonym.encode("ascii")
            )
        uids, missing = self._new_uids(parsed)
        for tag in missing:
            inserted[tag] = encoding.element(tag, "UI", uids[tag].encode("ascii"))
        inserted.update(dict.fromkeys(MARK_TAGS, b""))
        pieces, slots, records = transformer.write(parsed.data, parsed.elements, inserted, spans)
        # What may be claimed is known only now, after the walk.
        codes = self._codes_done(records, read, replacement)
        for tag, element in self._marks(encoding, codes).items():
            pieces[slots[tag]] = element
        return WrittenObject(
            data=file_head(sop_class, uids[SOP_INSTANCE_UID], transfer_syntax)
            + data_set_bytes(pieces, transfer_syntax),
            transfer_syntax=transfer_syntax,
            study_uid=uids[STUDY_INSTANCE_UID],
            series_uid=uids[SERIES_INSTANCE_UID],
            sop_uid=uids[SOP_INSTANCE_UID],
            patient_pseudonym=patient.pseudonym,
            actions=(*_stand_ins(subject, missing), *records.actions),
            findings=tuple(records.findings),
            mappings=tuple(records.mappings),
            catalog=catalog_of(parsed, {**records.rewritten, **inserted}, subject.encodings),
        )

    def _transformer(
        self,
        subject: Subject,
        sop_class: str,
        encoding: Encoding,
        also_known: tuple[KnownValue, ...],
        read: bool,
    ) -> Transformer:
        key = (subject, sop_class, encoding, also_known, read)
        transformer = self._transformers.get(key)
        if transformer is None:
            writer = ElementWriter(
                self.rules,
                KnownPHI(subject.known + also_known),
                self.pseudonyms.patient(subject.identity),
                self.pseudonyms,
            )
            top = Place(self.plan.for_sop_class(sop_class), encoding, subject.encodings)
            transformer = self._transformers[key] = Transformer(top, writer)
            if len(self._transformers) > _REMEMBERED:
                self._transformers.popitem(last=False)
        return transformer

    def _new_uids(self, parsed: ParsedObject) -> tuple[dict[int, str], list[int]]:
        """The new study, series and instance UIDs, and which of them the source lacks.

        An object without one gets one of its own, so that it can be stored and found.
        """
        rules = self.plan.for_sop_class(sop_class_of(parsed)).rules
        uids: dict[int, str] = {}
        missing: list[int] = []
        for tag in (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, SOP_INSTANCE_UID):
            original = parsed.text(tag)
            if not original:
                missing.append(tag)
                own = stand_in(parsed).hex()
                uids[tag] = self.pseudonyms.uid(f"missing {tag:08X} {own}")
            elif rules[tag].op is Op.KEEP:
                if not _UID.fullmatch(original):
                    raise Refusal(
                        Reason.MALFORMED,
                        f"{location('', tag)} is no UID and the rules keep it; correct it at the "
                        "source",
                    )
                uids[tag] = original
            else:
                uids[tag] = replace_uid(original, self.pseudonyms)
        return uids, missing

    @staticmethod
    def _inserted(
        encoding: Encoding, replacement: Replacement, transfer_syntax: str
    ) -> dict[int, bytes]:
        """The elements that other stages give anew, encoded."""
        element = encoding.element
        inserted = {
            tag: element(tag, *new) if new else b"" for tag, new in replacement.elements.items()
        }
        pixels = replacement.elements.get(PIXEL_DATA)
        if pixels is not None and transfer_syntax not in NATIVE_UIDS:
            vr, fragments = pixels  # ends with its own sequence delimiter
            inserted[PIXEL_DATA] = encoding.header(PIXEL_DATA, vr, UNDEFINED) + fragments
        if replacement.pixels_cleaned:
            inserted[BURNED_IN_ANNOTATION] = element(BURNED_IN_ANNOTATION, "CS", b"NO")
        if replacement.recognizable_face is not None:
            answer = b"YES" if replacement.recognizable_face else b"NO"
            inserted[RECOGNIZABLE_VISUAL_FEATURES] = element(
                RECOGNIZABLE_VISUAL_FEATURES, "CS", answer
            )
        return inserted

    def _codes_done(
        self, records: Records, text_cleaned: bool, replacement: Replacement
    ) -> tuple[str, ...]:
        """The CID 7050 codes of the rule set, less those of what was not done to this object."""
        done = {
            Option.CLEAN_PIXEL_DATA.code: replacement.pixels_cleaned,
            Option.CLEAN_STRUCTURED_CONTENT.code: records.cleaned_content,
            Option.CLEAN_DESCRIPTORS.code: text_cleaned,
            Option.RETAIN_SAFE_PRIVATE.code: records.kept_private,
        }
        return tuple(code for code in self.rules.method_codes() if done.get(code, True))

    def _encoded_marks(self, encoding: Encoding, codes: tuple[str, ...]) -> dict[int, bytes]:
        methods = (
            f"Safelight {VERSION}",
            f"Rules {self.rules.name} {self.rules.version}",
            f"PS3.15 {EDITION}",
        )
        return mark(encoding, methods, codes, self._dates_mark())

    def _dates_mark(self) -> str:
        """Value of (0028,0303)."""
        if Option.RETAIN_LONG_FULL_DATES in self.rules.options:
            return "UNMODIFIED"
        if Option.RETAIN_LONG_MODIFIED_DATES in self.rules.options:
            return "MODIFIED"
        return "REMOVED"


def _stand_ins(subject: Subject, missing: list[int]) -> Iterator[Action]:
    """Audit rows for identifiers that the source lacks."""
    if subject.stands_in:
        yield Action(
            location("", PATIENT_ID), "PatientID", "LO", "tokenised", "patient identity",
            "no Patient ID: the Study Instance UID stands in",
        )  # fmt: skip
    for tag in missing:
        yield Action(
            location("", tag), keyword_of(tag), "UI", "inserted", "missing identifier",
            "missing in the source: one was made for this object alone",
        )  # fmt: skip


def sop_class_of(parsed: ParsedObject) -> str:
    """SOP Class UID of the data set, else of the file meta.

    Raises
    ------
    Refusal
        If neither has one.
    """
    uid = parsed.text(SOP_CLASS_UID)
    uid = uid or parsed.meta.get(0x00020002, b"").decode("latin-1").strip("\0 ")
    if not _UID.fullmatch(uid):
        raise Refusal(
            Reason.MISSING_IDENTIFIER,
            "(0008,0016) SOP Class UID is missing or no UID, so no rule can be chosen; correct it "
            "at the source",
        )
    return uid
