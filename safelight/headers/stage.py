"""Header stage: read the patient of an object, collect its texts, and write the new object."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from weakref import ref

from safelight.dicom.deflate import deflate
from safelight.dicom.encoding import DEFLATED_UID, Encoding, format_tag_path
from safelight.dicom.file_meta import write_file_meta
from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import (
    BURNED_IN_ANNOTATION,
    SERIES_INSTANCE_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
)
from safelight.headers.catalog import read_catalog
from safelight.headers.catalog_types import CatalogValue, parse_day
from safelight.headers.deidentification_labels import DOCUMENT_CLEANED, derive_labels, encode_labels
from safelight.headers.element_insertion import ElementInserter
from safelight.headers.element_references import ReferenceReader
from safelight.headers.element_writer import ElementWriter
from safelight.headers.models import DatasetContext
from safelight.headers.object_identifiers import missing_identifier_actions
from safelight.headers.object_writer import ObjectWriter
from safelight.headers.patient_identity import (
    IDENTIFYING_ATTRIBUTES,
    PatientContext,
    make_identity_key,
    read_patient_context,
)
from safelight.headers.replacement_elements import (
    NO_REPLACEMENT,
    ReplacementElements,
    encode_replacement,
)
from safelight.headers.residual_phi import collect_known_numbers, is_number_safe
from safelight.headers.retained_information import Retained, RetainedBits
from safelight.headers.text_collection import collect_texts
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Finding, PseudonymMapping, Reason, Refusal, Span
from safelight.rules import CompiledLevel, CompiledRules, Operation, RuleSet
from safelight.rules.conditional_rules import ConditionalRules
from safelight.rules.conditions import AttributeGetter
from safelight.rules.lookups import LookupRows
from safelight.rules.profile import (
    CONTENT_SEQUENCE,
    ENCAPSULATED_DOCUMENT,
    INSTANCE_REFERENCE_SEQUENCES,
)
from safelight.standard.attribute_categories import is_registered_uid
from safelight.standard.confidentiality import EDITION
from safelight.standard.options import BASIC_PROFILE_CODE
from safelight.text.dates.hints import NO_HINTS, pool_hints
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.version import VERSION

_DOCUMENT_OPERATIONS = {
    CONTENT_SEQUENCE: Operation.STRUCTURED_CONTENT,
    ENCAPSULATED_DOCUMENT: Operation.ENCAPSULATED_DOCUMENT,
}

_UNCONFIRMED_ANNOTATION = Action(
    format_tag_path("", BURNED_IN_ANNOTATION), "BurnedInAnnotation", "CS", "removed",
    "pixels were not read", "the source claims NO",
)  # fmt: skip

#: Number of patients, series and encodings whose edits a worker caches.
_MAX_CACHED_WRITERS = 8
_STUDY_DATE = 0x00080020
_MAX_CACHED_PATIENTS = 1024


def _list_kept_tags(rules: CompiledRules, source: ReferenceReader) -> frozenset[int]:
    """Return the identifying attributes that rules keep, whose values are not searched for."""
    anywhere = rules.get_root_level("").rules
    kept: set[int] = set()
    for tag in IDENTIFYING_ATTRIBUTES:
        rule = anywhere[tag]
        if rule.otherwise is not None:
            rule = rule.choose(partial(source.read_beside, tag=tag))
        if rule.operation is Operation.KEEP:
            kept.add(tag)
    return frozenset(kept)


@dataclass(frozen=True)
class WrittenObject:
    """A new object and the rows to record.

    Attributes
    ----------
    data : bytes
        The de-identified object.
    transfer_syntax : str
        Its Transfer Syntax UID.
    study_uid, series_uid, sop_uid : str
        New UIDs.
    patient_pseudonym : str
        Pseudonym of the patient.
    actions, findings, mappings : tuple
        Rows to record. The mappings HOLD ORIGINAL VALUES.
    catalog : dict
        De-identified attributes by column.
    """

    data: bytes
    transfer_syntax: str
    study_uid: str
    series_uid: str
    sop_uid: str
    patient_pseudonym: str
    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    mappings: tuple[PseudonymMapping, ...]
    catalog: dict[str, CatalogValue]


def _study_day(parsed: ParsedObject) -> bytes:
    """Return Study Date (0008,0020) of an object as eight digits; empty if it is not valid."""
    raw = parsed.raw(_STUDY_DATE).strip(b" \0").replace(b".", b"")
    return raw if len(raw) == 8 and raw.isdigit() else b""


def _check_sop_class(uid: str, subject: PatientContext) -> None:
    """Refuse an object whose private SOP class is an identifier of the patient.

    The UID is written into the File Meta Information and the tables.

    Raises
    ------
    Refusal
        ``MISSING_IDENTIFIER``.
    """
    if is_registered_uid(uid):
        return
    if not is_number_safe(uid.encode("ascii"), "UI", collect_known_numbers(subject.known)):
        raise Refusal(
            Reason.MISSING_IDENTIFIER,
            "(0008,0016) SOP Class UID holds an identifier of the patient; correct it at the "
            "source",
        )


class HeaderStage:
    """Reader and writer of headers by one rule set under one key.

    Parameters
    ----------
    rules : RuleSet
        The rules.
    pseudonyms : Pseudonyms
        Derives pseudonyms, UIDs and date shifts.
    lookup_rows : mapping of str to LookupRows, optional
        Rows of the lookup tables of the rules. PHI.
    """

    def __init__(
        self,
        rules: RuleSet,
        pseudonyms: Pseudonyms,
        lookup_rows: Mapping[str, LookupRows] | None = None,
    ):
        self.rules = rules
        self.conditional_rules = ConditionalRules(rules)
        self.pseudonyms = pseudonyms
        self._inserter = ElementInserter(rules, pseudonyms, lookup_rows or {})
        self._labels = lru_cache(maxsize=64)(self._encode_labels)
        self._writers: OrderedDict[object, ObjectWriter] = OrderedDict()
        self._patients: OrderedDict[tuple[object, ...], PatientContext] = OrderedDict()
        self._last_patient: tuple[ref[ParsedObject], PatientContext] | None = None
        self._last_rules: tuple[ref[ParsedObject], CompiledRules] | None = None

    def read_patient(self, parsed: ParsedObject) -> PatientContext:
        """Return the patient of an object, from a cache for objects with the same values."""
        last = self._last_patient  # read once, because another thread may replace it
        if last is not None and last[0]() is parsed:
            return last[1]
        rules = self._compiled_rules(parsed)
        key = (*make_identity_key(parsed), rules)
        patient = self._patients.get(key)
        if patient is None:
            kept_tags = _list_kept_tags(rules, ReferenceReader(parsed))
            patient = read_patient_context(
                parsed, self.rules.issuer_in_identity, kept_tags, self.rules.default_issuer
            )
            self._patients[key] = patient
            if len(self._patients) > _MAX_CACHED_PATIENTS:
                self._patients.popitem(last=False)
        self._last_patient = (ref(parsed), patient)
        return patient

    def make_attribute_getter(self, parsed: ParsedObject) -> AttributeGetter:
        """Return a function that reads a value as text by the reference of its element."""
        return ReferenceReader(parsed).read

    def _compiled_rules(self, parsed: ParsedObject) -> CompiledRules:
        """Return the rules for an object, which depend on the conditions that it meets."""
        if not self.conditional_rules.has_conditions:
            return self.conditional_rules.unconditional
        last = self._last_rules  # read once, because another thread may replace it
        if last is not None and last[0]() is parsed:
            return last[1]
        compiled = self.conditional_rules.choose(self.make_attribute_getter(parsed))
        self._last_rules = (ref(parsed), compiled)
        return compiled

    def has_document(self, parsed: ParsedObject) -> bool:
        """Return whether the rules require that a report or an embedded document is cleaned."""
        rules = self._top_level(parsed).rules
        return any(
            rule.operation is operation
            for tag, operation in _DOCUMENT_OPERATIONS.items()
            if parsed.find(tag) is not None
            for rule in rules[tag].list_alternatives()
        )

    def collect_texts(self, parsed: ParsedObject) -> frozenset[str]:
        """Return the distinct texts that the text model must annotate. PHI."""
        text_encodings = self.read_patient(parsed).text_encodings
        return collect_texts(parsed, self.rules, self._top_level(parsed), text_encodings)

    def _top_level(self, parsed: ParsedObject) -> CompiledLevel:
        lists_references = any(map(parsed.find, INSTANCE_REFERENCE_SEQUENCES))
        compiled = self._compiled_rules(parsed)
        return compiled.get_root_level(parsed.sop_class_uid, lists_references)

    def write(
        self,
        parsed: ParsedObject,
        spans: Mapping[str, Sequence[Span]] | None = None,
        replacement: ReplacementElements = NO_REPLACEMENT,
        also_known: Sequence[KnownValue] = (),
    ) -> WrittenObject:
        """Write the de-identified object.

        Parameters
        ----------
        parsed : ParsedObject
            The source object.
        spans : mapping of str to sequence of Span, optional
            Spans of each text of :meth:`collect_texts`. If it is None, free text that the rules
            clean is removed completely.
        replacement : ReplacementElements
            New elements of the pixel stage and the document stage.
        also_known : sequence of KnownValue
            Values that were read in pixels or documents; they are removed from free text too.

        Returns
        -------
        WrittenObject

        Raises
        ------
        Refusal
            If a step that the rules require cannot be done.
        """
        subject = self.read_patient(parsed)
        _check_sop_class(parsed.sop_class_uid, subject)
        context = DatasetContext(
            parsed.data, spans, self._top_level(parsed), parsed.encoding, subject.text_encodings,
            elements=parsed.elements, study_day=_study_day(parsed),
        )  # fmt: skip
        writer = self._object_writer(subject, context, tuple(also_known))
        transfer_syntax = replacement.transfer_syntax or parsed.transfer_syntax
        inserted = encode_replacement(parsed.encoding, replacement, transfer_syntax)
        insertions = self._inserter.insert(parsed, subject, context, writer, inserted)
        if unconfirmed := self._burned_in_annotation(parsed, context.level, replacement):
            inserted.update(unconfirmed)
            insertions.actions.insert(0, _UNCONFIRMED_ANNOTATION)
        elements = parsed.elements
        if parsed.has_repeated_tags:  # a replaced element must not survive as a second one
            elements = [element for element in elements if element.tag not in inserted]
        pieces, slots, log = writer.write(elements, inserted, insertions.context)
        log.extend(insertions.log)
        # The labels depend on what was done, so they are encoded after all other elements.
        labels = self._labels(
            parsed.encoding,
            log.retained,
            replacement.pixels_cleaned,
            replacement.recognizable_face is False and self.rules.pixels.faces != "keep",
            log.cleaned_content,
            replacement.elements.get(ENCAPSULATED_DOCUMENT) is not None,
            spans is not None,
        )
        for tag, element in labels.items():
            pieces[slots[tag]] = element
        uids = insertions.uids
        dataset = deflate(pieces) if transfer_syntax == DEFLATED_UID else b"".join(pieces)
        meta = write_file_meta(parsed.sop_class_uid, uids[SOP_INSTANCE_UID], transfer_syntax)
        return WrittenObject(
            data=meta + dataset,
            transfer_syntax=transfer_syntax,
            study_uid=uids[STUDY_INSTANCE_UID],
            series_uid=uids[SERIES_INSTANCE_UID],
            sop_uid=uids[SOP_INSTANCE_UID],
            patient_pseudonym=writer.element_writer.patient.pseudonym,
            actions=(
                *missing_identifier_actions(subject, insertions.missing_uids),
                *insertions.actions,
                *log.actions,
            ),
            findings=tuple(log.findings),
            mappings=tuple(log.mappings),
            catalog=read_catalog(
                parsed, {**log.catalog_elements, **inserted}, subject.text_encodings
            ),
        )

    def _object_writer(
        self,
        subject: PatientContext,
        context: DatasetContext,
        also_known: tuple[KnownValue, ...],
    ) -> ObjectWriter:
        """Return a writer, with its cached edits if it has written a similar object before."""
        is_annotated = context.spans is not None
        hints = NO_HINTS
        if context.spans:
            hints = pool_hints(context.spans, parse_day(context.study_day.decode("ascii")))
        key = (subject, context.level, context.encoding, also_known, is_annotated, hints)
        writer = self._writers.get(key)
        if writer is None:
            element_writer = ElementWriter(
                self.rules,
                KnownPHI(subject.known + also_known),
                self.pseudonyms.patient(subject.identity),
                self.pseudonyms,
                hints,
            )
            writer = self._writers[key] = ObjectWriter(element_writer)
            if len(self._writers) > _MAX_CACHED_WRITERS:
                self._writers.popitem(last=False)
        return writer

    def _burned_in_annotation(
        self, parsed: ParsedObject, level: CompiledLevel, replacement: ReplacementElements
    ) -> dict[int, bytes]:
        """Return the edit of a Burned In Annotation (0028,0301) that nothing has confirmed.

        If the pixels were not read, the NO of the source is removed. Where the IOD requires the
        attribute, it stays, because the IOD allows no other value.
        """
        element = parsed.find(BURNED_IN_ANNOTATION)
        if element is None or replacement.pixels_cleaned:
            return {}
        is_required = level.get_type(BURNED_IN_ANNOTATION) in ("1", "1C")
        if is_required or parsed.text(BURNED_IN_ANNOTATION) != "NO":
            return {}
        return {BURNED_IN_ANNOTATION: b""}

    def _encode_labels(
        self,
        encoding: Encoding,
        retained: RetainedBits,
        pixels_cleaned: bool,
        face_excluded: bool,
        content_cleaned: bool,
        document_cleaned: bool,
        text_read: bool,
    ) -> dict[int, bytes]:
        labels = derive_labels(
            Retained(retained),
            self.rules.options,
            pixels_cleaned=pixels_cleaned,
            face_excluded=face_excluded,
            content_cleaned=content_cleaned,
            text_read=text_read,
        )
        methods = [f"Safelight {VERSION}", f"Rules {self.rules.name} {self.rules.version}"]
        if BASIC_PROFILE_CODE in labels.codes:
            methods.append(f"PS3.15 {EDITION}")
        if document_cleaned:
            methods.append(DOCUMENT_CLEANED)
        return encode_labels(encoding, methods, labels)
