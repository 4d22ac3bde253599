"""Clean the fields of one record: a new value for each value, by the rule of its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Optional

from safelight.documents.text_cleaner import TextCleaner, TextReplacement
from safelight.headers.new_values import replace_uid
from safelight.headers.patient_identity import make_patient_identity
from safelight.notes.fhir.references import map_reference
from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.field_values import (
    cap_age,
    is_number,
    is_short_number,
    shift_date,
    shifted_birth_year,
)
from safelight.notes.field_visitor import check_text, join_segments, needs_annotation
from safelight.notes.models import NoteFinding, SpansByText
from safelight.notes.patient_lookup import PatientIdLookup
from safelight.notes.pdf_and_cda import clean_document_file
from safelight.notes.plain_values import (
    MAX_CODE_CHARACTERS,
    MAX_KEPT_CHARACTERS,
    has_many_digits,
    is_plain,
    is_read_as_text,
)
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import PseudonymMapping, Reason, Refusal, Span
from safelight.rules import RuleSet
from safelight.standard.options import Option
from safelight.text.dates.hints import NO_HINTS, DateHints
from safelight.text.generalization import generalize_zip
from safelight.text.known.known_phi import KnownPHI
from safelight.text.language import UNSUPPORTED_LANGUAGE, is_unsupported_language
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.replacement import replace_spans
from safelight.text.surrogates.names import surrogate_name

_LOWER_CASE_CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")


def date_action(rules: RuleSet) -> str:
    """Return the action of the rules on dates: ``keep``, ``shift`` or ``remove``.

    A field has no place for a date of a lower precision in all formats, so such dates are removed.
    """
    if Option.RETAIN_LONG_FULL_DATES in rules.options:
        return "keep"
    is_shifted = Option.RETAIN_LONG_MODIFIED_DATES in rules.options
    return "shift" if is_shifted and rules.date_precision == "day" else "remove"


@dataclass
class FieldCleaner:
    """Return new values for the fields of one record; see ``FieldVisitor``.

    Parameters
    ----------
    rules : RuleSet
    pseudonyms : Pseudonyms
    patient : Patient
        Patient of the record.
    known : KnownPHI
        Values known of that patient.
    spans : mapping or None
        Spans of the text model by text; ``None`` to remove all texts.
    oldest_birth_year : int
        Earlier birth years are replaced by this one.
    patient_ids : PatientIdLookup or None
        Lookup table of the rules for Patient IDs; None for keyed pseudonyms.
    hints : DateHints
        Facts about the dates of the record that its texts may leave open.

    Attributes
    ----------
    findings : list of NoteFinding
    mappings : list of PseudonymMapping
        HOLDS PHI.
    chars_in, chars_out : int
        Characters of free text before and after cleaning.
    """

    rules: RuleSet
    pseudonyms: Pseudonyms
    patient: Patient
    known: KnownPHI
    spans: Optional[SpansByText]
    oldest_birth_year: int
    patient_ids: Optional[PatientIdLookup] = None
    hints: DateHints = NO_HINTS
    findings: list[NoteFinding] = field(default_factory=list)
    mappings: list[PseudonymMapping] = field(default_factory=list)
    chars_in: int = 0
    chars_out: int = 0

    def visit_value(self, rule: FieldRule, value: str, location: str) -> Optional[str]:
        """Return the new value of a field; ``None`` to remove it.

        Parameters
        ----------
        rule : FieldRule
        value : str
        location : str
            Column, FHIR path or HL7 v2 field, for the findings.

        Raises
        ------
        Refusal
            If a text was not annotated, or the value is not text.
        """
        check_text(value)
        op = rule.op
        if not value.strip() or op is FieldOp.VERBATIM:
            return value
        if is_read_as_text(rule, value):
            cleaned = self.visit_text([value], [location])
            return cleaned[0] if cleaned is not None else None
        if op in (FieldOp.KEEP, FieldOp.WORD):
            return self._keep_value(op, value, location)
        if op is FieldOp.CODE:
            return self._keep_code(value, location)
        if op is FieldOp.URL:
            return None if self.known.find(value) else value
        if op is FieldOp.ENTITY:
            whole = Span(0, len(value), rule.entity, "field", 1.0, rule.kind)
            return self._replace_spans(value, [whole], location)
        if op in (FieldOp.DATE, FieldOp.BIRTH_DATE, FieldOp.SHARED_DATE):
            return self._change_date(op, value)
        convert = _CONVERSIONS.get(op)
        if convert is not None:
            return convert(value)
        derive = _PSEUDONYMS.get(op)
        # All other actions remove the value, or are known to one format only.
        return self._pseudonymize(derive, value.strip()) if derive is not None else None

    def visit_text(
        self, segments: Sequence[str], locations: Sequence[str], separators: Sequence[str] = ()
    ) -> Optional[list[str]]:
        """Clean the segments of one text together; see ``FieldVisitor.visit_text``.

        The replacement of a span over several segments is put into the segment where the span
        begins. Spans that are kept stay in their segments.

        Parameters
        ----------
        segments : sequence of str
            Parts of one text, in order.
        locations : sequence of str
            Column, FHIR path or HL7 v2 field of each segment, for the findings.
        separators : sequence of str
            Characters between each segment and the next one; a line end by default.

        Returns
        -------
        list of str or None
            One new segment for each segment; ``None`` if all texts are removed.

        Raises
        ------
        Refusal
            If the text was not annotated, or is not valid.
        """
        self.chars_in += sum(map(len, segments))
        joined = join_segments(segments, separators)
        check_text(joined)
        if self.spans is None:
            return None
        cleaner = TextCleaner(
            self.known, self.rules.text, self.pseudonyms, self.patient, self.hints
        )
        replacements = cleaner.replacements(joined, self._find_spans(joined, self.spans))
        self._report_language(joined, locations)
        cleaned: list[str] = []
        start = first = 0
        for index, (segment, location) in enumerate(zip(segments, locations)):
            end = start + len(segment)
            while first < len(replacements) and replacements[first].span.end <= start:
                first += 1
            bounds = (start, end)
            cleaned.append(self._clean_segment(joined, bounds, replacements, first, location))
            start = end + (len(separators[index]) if index < len(separators) else 1)
        self.chars_out += sum(map(len, cleaned))
        return cleaned

    def visit_document(self, data: bytes, media_type: str, location: str) -> Optional[bytes]:
        """Return a PDF or CDA document without PHI; ``None`` for all other documents.

        Parameters
        ----------
        data : bytes
            The document.
        media_type : str
            MIME type without parameters.
        location : str
            Column, FHIR path or HL7 v2 field, for the findings.
        """
        if self.spans is None:
            return None
        cleaned = clean_document_file(
            data, media_type, self.spans, known=self.known, rules=self.rules,
            pseudonyms=self.pseudonyms, patient=self.patient, reference=self.hints.reference,
        )  # fmt: skip
        if cleaned is None:
            return None
        new, findings = cleaned
        self.findings += [
            NoteFinding(f"{location}{f.location}", f.entity, f.engine, f.confidence, "mask", 0, 0,
                        f.text_hmac)
            for f in findings
        ]  # fmt: skip
        return new

    def _find_spans(self, text: str, annotated: SpansByText) -> list[Span]:
        """Return the spans of the text model, the patterns and the known values."""
        if not needs_annotation(text):
            return []
        model = annotated.get(text)
        if model is None:
            raise Refusal(
                Reason.TEXT_NOT_CLEANED,
                "a text of the note was not annotated; nothing was written, please report this",
            )
        return [*model, *find_patterns(text), *self.known.find(text, is_note=True)]

    def _report_language(self, text: str, locations: Sequence[str]) -> None:
        """Add a finding for a text in a language that neither model nor rules read.

        By default, the cleaner of texts has refused such a text before.
        """
        is_released = self.rules.text.unsupported_language == "clean"
        if is_released and locations and is_unsupported_language(text):
            digest = self.pseudonyms.hexdigest("text", text)
            self.findings.append(
                NoteFinding(locations[0], UNSUPPORTED_LANGUAGE, "regex", 1.0, "keep", 0, 0, digest)
            )

    def _clean_segment(
        self,
        joined: str,
        bounds: tuple[int, int],
        replacements: list[TextReplacement],
        first: int,
        location: str,
    ) -> str:
        """Return the new text of ``joined[start:end]``; ``first`` is its first replacement."""
        start, end = bounds
        pieces: list[str] = []
        position, length = start, 0
        for index in range(first, len(replacements)):
            replacement = replacements[index]
            span, applied = replacement.span, replacement.applied
            if span.begin >= end:
                break
            before = joined[position : max(position, span.begin)]
            begins_here = span.begin >= start
            new = replacement.new if begins_here else ""
            if applied.action == "keep":
                new = joined[max(span.begin, start) : min(span.end, end)]
            pieces += (before, new)
            length += len(before)
            if begins_here:
                self.findings.append(
                    NoteFinding(
                        location, applied.entity, applied.engine, applied.confidence,
                        applied.action, length, length + len(new), applied.text_hmac,
                    )
                )  # fmt: skip
            length += len(new)
            position = min(span.end, end)
        return "".join([*pieces, joined[position:end]])

    def _replace_spans(self, text: str, spans: list[Span], location: str) -> str:
        if not spans:
            return text
        result = replace_spans(
            text, spans, self.rules.text, self.pseudonyms, self.patient, hints=self.hints
        )
        self.findings += [
            NoteFinding(location, a.entity, a.engine, a.confidence, a.action, a.begin, a.end,
                        a.text_hmac)
            for a in result.applied
        ]  # fmt: skip
        return result.text

    def _keep_value(self, op: FieldOp, value: str, location: str) -> Optional[str]:
        """Keep a short value, without the values known of the patient.

        A lower-case code that is also a name is a code, and a short number is not an
        identifier: neither is compared with the known values.
        """
        is_code = _LOWER_CASE_CODE.fullmatch(value) or is_short_number(value)
        if len(value) > MAX_KEPT_CHARACTERS:
            return None
        if op is FieldOp.WORD and not is_code and has_many_digits(value):
            return None
        return self._replace_spans(value, [] if is_code else self.known.find(value), location)

    def _keep_code(self, value: str, location: str) -> Optional[str]:
        """Return a code of plain words unchanged; a code with a gap would be another code."""
        if len(value) > MAX_CODE_CHARACTERS or not is_plain(value):
            return None
        return value if self._keep_value(FieldOp.WORD, value, location) == value else None

    def _change_date(self, op: FieldOp, value: str) -> Optional[str]:
        action = date_action(self.rules)
        if action == "remove" or (op is FieldOp.SHARED_DATE and action != "keep"):
            return None  # two patients would reveal the difference of their shifts
        days = self.patient.shift_days if action == "shift" else 0
        if op is FieldOp.BIRTH_DATE:
            return shifted_birth_year(value, days, self.oldest_birth_year)
        shifted = shift_date(value, days, self.hints.day_first)
        return value if shifted is not None and not days else shifted

    # Pseudonyms: the new value, and the kind of the pair in the mapping.

    def _pseudonymize(self, derive: _DerivePseudonym, value: str) -> Optional[str]:
        new, kind = derive(self, value)
        if new is not None and new != value:
            self.mappings.append(PseudonymMapping(kind, value, new, self.patient.pseudonym))
        return new

    def _patient_id(self, value: str) -> tuple[Optional[str], str]:
        if self.patient_ids is None:
            return self.patient.pseudonym, "patient_id"
        return self.patient_ids.replace(value, self.patient.pseudonym), "patient_id"

    def _token(self, value: str) -> tuple[Optional[str], str]:
        if make_patient_identity(value) == self.patient.identity.partition("\x1f")[0]:
            return self._patient_id(value)
        return self.pseudonyms.token("id", value), "id"

    def _note_id(self, value: str) -> tuple[Optional[str], str]:
        return self.pseudonyms.token("note_id", value), "note_id"

    def _reference(self, value: str) -> tuple[Optional[str], str]:
        return map_reference(value, self.pseudonyms), "fhir_id"

    def _uid(self, value: str) -> tuple[Optional[str], str]:
        return replace_uid(value, self.pseudonyms), "uid"

    def _name(self, value: str) -> tuple[Optional[str], str]:
        if self.rules.name_style == "surrogate":
            return surrogate_name(value, self.pseudonyms, self.patient), "name"
        return self.pseudonyms.token("name", value.upper().strip(" ^")), "name"

    def _patient_name(self, value: str) -> tuple[Optional[str], str]:
        if self.rules.name_style == "surrogate":
            return surrogate_name(value, self.pseudonyms, self.patient), "name"
        return self.patient.pseudonym, "name"


def _keep_number(value: str) -> Optional[str]:
    return value if is_number(value) else None


def _generalize_zip(value: str) -> Optional[str]:
    return generalize_zip(value.strip().zfill(5))


_DerivePseudonym = Callable[[FieldCleaner, str], tuple[Optional[str], str]]

_CONVERSIONS: dict[FieldOp, Callable[[str], Optional[str]]] = {
    FieldOp.NUMBER: _keep_number,
    FieldOp.ZIP: _generalize_zip,
    FieldOp.AGE: cap_age,
}
_PSEUDONYMS: dict[FieldOp, _DerivePseudonym] = {
    FieldOp.PATIENT_ID: FieldCleaner._patient_id,
    FieldOp.TOKEN: FieldCleaner._token,
    FieldOp.NOTE_ID: FieldCleaner._note_id,
    FieldOp.REFERENCE: FieldCleaner._reference,
    FieldOp.UID: FieldCleaner._uid,
    FieldOp.NAME: FieldCleaner._name,
    FieldOp.PATIENT_NAME: FieldCleaner._patient_name,
}
