"""The header stage: what an object says of its patient, and the object written anew."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import ref

from pydicom.datadict import tag_for_keyword

from safelight.dicom import character_sets
from safelight.dicom.encoding import STRING_VRS, Encoding
from safelight.dicom.file_meta import data_set_bytes, file_head
from safelight.dicom.parser import ParsedObject
from safelight.headers.catalog import catalog_of
from safelight.headers.change_log import ChangeLog, DatasetContext
from safelight.headers.deidentification_labels import (
    DOCUMENT_CLEANED,
    MARK_TAGS,
    mark,
)
from safelight.headers.element_writer import ElementWriter
from safelight.headers.new_values import number_text
from safelight.headers.object_identifiers import (
    SERIES_INSTANCE_UID,
    new_uids,
    sop_class_of,
    stand_ins,
)
from safelight.headers.patient_identity import (
    IDENTIFYING,
    PATIENT_ID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    Subject,
    identity_key,
    subject_of,
)
from safelight.headers.replacement_elements import UNCHANGED, ReplacementElements, inserted_by
from safelight.headers.text_collection import collect_texts
from safelight.headers.transformer import Transformer
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Finding, PseudonymMapping, Span
from safelight.rules import CompiledLevel, CompiledRules, Operation, RuleSet
from safelight.rules.profile import (
    CONTENT_SEQUENCE,
    ENCAPSULATED_DOCUMENT,
    INSTANCE_REFERENCE_SEQUENCES,
)
from safelight.standard.confidentiality import EDITION
from safelight.standard.options import Option
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.version import VERSION

MODALITY = 0x00080060

_DOCUMENTS = {
    CONTENT_SEQUENCE: Operation.STRUCTURED_CONTENT,
    ENCAPSULATED_DOCUMENT: Operation.ENCAPSULATED_DOCUMENT,
}

#: Patients, series and encodings of which a worker remembers outcomes at a time.
_REMEMBERED = 8


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
    mappings: tuple[PseudonymMapping, ...]
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
        self.compiled_rules = CompiledRules(rules)
        self.pseudonyms = pseudonyms
        self._marks = lru_cache(maxsize=64)(self._encoded_marks)
        self._transformers: OrderedDict[object, Transformer] = OrderedDict()
        self._subjects: OrderedDict[tuple[object, ...], Subject] = OrderedDict()
        self._last: tuple[ref[ParsedObject] | None, Subject] = (None, Subject("", True, (), ()))
        anywhere = self.compiled_rules.get_root_level("").rules
        self._kept = frozenset(
            tag for tag in IDENTIFYING if anywhere[tag].operation is Operation.KEEP
        )

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
                return character_sets.decode(raw, element.vr, self.subject(parsed).encodings)
            return number_text(raw, element.vr, parsed.encoding)

        return get

    def holds_document(self, parsed: ParsedObject) -> bool:
        """Whether there is a report or an encapsulated document that must be cleaned to pass."""
        rules = self._top(parsed).rules
        return any(
            parsed.find(tag) is not None and rules[tag].operation is op
            for tag, op in _DOCUMENTS.items()
        )

    def texts(self, parsed: ParsedObject) -> frozenset[str]:
        """Distinct free texts that the rules want cleaned."""
        return collect_texts(parsed, self.rules, self._top(parsed), self.subject(parsed).encodings)

    def _top(self, parsed: ParsedObject) -> CompiledLevel:
        listed = any(parsed.find(tag) is not None for tag in INSTANCE_REFERENCE_SEQUENCES)
        return self.compiled_rules.get_root_level(sop_class_of(parsed), listed)

    def write(
        self,
        parsed: ParsedObject,
        spans: Mapping[str, Sequence[Span]] | None = None,
        replacement: ReplacementElements = UNCHANGED,
        also_known: Sequence[KnownValue] = (),
    ) -> WrittenObject:
        """Write the de-identified object.

        Parameters
        ----------
        parsed : ParsedObject
        spans : mapping, optional
            PHI by distinct text (see :meth:`texts`); without it such text is removed whole.
        replacement : ReplacementElements
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
        top = DatasetContext(self._top(parsed), encoding, subject.encodings)
        transformer = self._transformer(subject, top, tuple(also_known), read)
        patient = transformer.writer.patient
        transfer_syntax = replacement.transfer_syntax or parsed.transfer_syntax
        inserted = inserted_by(encoding, replacement, transfer_syntax)
        if parsed.find(PATIENT_ID) is None or subject.stands_in:
            inserted[PATIENT_ID] = encoding.element(
                PATIENT_ID, "LO", patient.pseudonym.encode("ascii")
            )
        uids, missing = new_uids(parsed, transformer.top.level.rules, self.pseudonyms)
        for tag in missing:
            inserted[tag] = encoding.element(tag, "UI", uids[tag].encode("ascii"))
        inserted.update(dict.fromkeys(MARK_TAGS, b""))
        pieces, slots, records = transformer.write(parsed.data, parsed.elements, inserted, spans)
        # What may be claimed is known only now, after the walk.
        codes = self._codes_done(records, read, replacement)
        document = replacement.elements.get(ENCAPSULATED_DOCUMENT) is not None
        for tag, element in self._marks(encoding, codes, document).items():
            pieces[slots[tag]] = element
        return WrittenObject(
            data=file_head(sop_class, uids[SOP_INSTANCE_UID], transfer_syntax)
            + data_set_bytes(pieces, transfer_syntax),
            transfer_syntax=transfer_syntax,
            study_uid=uids[STUDY_INSTANCE_UID],
            series_uid=uids[SERIES_INSTANCE_UID],
            sop_uid=uids[SOP_INSTANCE_UID],
            patient_pseudonym=patient.pseudonym,
            actions=(*stand_ins(subject, missing), *records.actions),
            findings=tuple(records.findings),
            mappings=tuple(records.mappings),
            catalog=catalog_of(parsed, {**records.rewritten, **inserted}, subject.encodings),
        )

    def _transformer(
        self,
        subject: Subject,
        top: DatasetContext,
        also_known: tuple[KnownValue, ...],
        read: bool,
    ) -> Transformer:
        key = (subject, top.level, top.encoding, also_known, read)
        transformer = self._transformers.get(key)
        if transformer is None:
            writer = ElementWriter(
                self.rules,
                KnownPHI(subject.known + also_known),
                self.pseudonyms.patient(subject.identity),
                self.pseudonyms,
            )
            transformer = self._transformers[key] = Transformer(top, writer)
            if len(self._transformers) > _REMEMBERED:
                self._transformers.popitem(last=False)
        return transformer

    def _codes_done(
        self, records: ChangeLog, text_cleaned: bool, replacement: ReplacementElements
    ) -> tuple[str, ...]:
        """The CID 7050 codes of the rule set, less those of what was not done to this object."""
        done = {
            Option.CLEAN_PIXEL_DATA.code: replacement.pixels_cleaned,
            Option.CLEAN_STRUCTURED_CONTENT.code: records.cleaned_content,
            Option.CLEAN_DESCRIPTORS.code: text_cleaned,
            Option.RETAIN_SAFE_PRIVATE.code: records.kept_private,
        }
        return tuple(code for code in self.rules.get_method_codes() if done.get(code, True))

    def _encoded_marks(
        self, encoding: Encoding, codes: tuple[str, ...], document: bool
    ) -> dict[int, bytes]:
        methods = [
            f"Safelight {VERSION}",
            f"Rules {self.rules.name} {self.rules.version}",
            f"PS3.15 {EDITION}",
        ]
        if document:  # no code of CID 7050 says so
            methods.append(DOCUMENT_CLEANED)
        return mark(encoding, methods, codes, self._dates_mark())

    def _dates_mark(self) -> str:
        """Value of (0028,0303)."""
        if Option.RETAIN_LONG_FULL_DATES in self.rules.options:
            return "UNMODIFIED"
        if Option.RETAIN_LONG_MODIFIED_DATES in self.rules.options:
            return "MODIFIED"
        return "REMOVED"
