"""Apply a rule to a value of one patient; and its double, which only gathers the texts.

Formats walk a record once with a :class:`TextCollector`, so that the texts can be annotated,
and once with a :class:`Scrubber`, which gives the new values. One walk, so that no text is
cleaned that was not seen, and none is seen that is not cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Optional, Protocol

from safelight.documents.text_cleaner import Cleaner, Replacement
from safelight.headers.new_values import replace_uid
from safelight.headers.patient_identity import make_patient_identity
from safelight.notes.attachments import clean_attached, texts_of_document
from safelight.notes.fhir.references import map_reference
from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.field_values import birth_year, cap_age, is_number, is_short_number, move_date
from safelight.notes.models import NoteFinding, Spans
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import PseudonymMapping, Reason, Refusal, Span
from safelight.rules import RuleSet
from safelight.standard.options import Option
from safelight.text.generalization import generalize_zip
from safelight.text.known.known_phi import KnownPHI
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.replacement import replace_spans
from safelight.text.surrogates.names import surrogate_name

#: Characters of a value that a table lets pass.
LONGEST_KEPT = 100

_CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")
_MANY_DIGITS = re.compile(r"\d(?:[ -]?\d){5}")


class FieldVisitor(Protocol):
    """What a walk over a record asks about every value."""

    def value(self, rule: FieldRule, value: str, where: str) -> Optional[str]:
        """The new value; ``None`` where the field must go."""

    def texts(
        self, segments: Sequence[str], where: Sequence[str], between: Sequence[str] = ()
    ) -> Optional[list[str]]:
        """The segments of one text, each cleaned; ``None`` where they must go.

        ``where`` says for each where it stands, ``between`` what separates it from the next: a
        line end if nothing is said.
        """

    def document(self, data: bytes, kind: str, where: str) -> Optional[bytes]:
        """An attached document of a MIME type; ``None`` where it must go."""


def join_segments(segments: Sequence[str], between: Sequence[str] = ()) -> str:
    """The one text that segments are annotated as."""
    if not between:
        return "\n".join(segments)
    return "".join(part for pair in zip(segments, [*between, ""]) for part in pair)


class TextCollector:
    """Gathers the texts that the text model must see; changes nothing.

    Parameters
    ----------
    ocr : str
        Engine that reads the pages of attached documents.
    """

    def __init__(self, ocr: str = "rapidocr") -> None:
        self.found: set[str] = set()
        self._ocr = ocr

    def value(self, rule: FieldRule, value: str, where: str) -> Optional[str]:
        if rule.op is FieldOp.TEXT and needs_model(value):
            self.found.add(value)
        return value

    def texts(
        self, segments: Sequence[str], where: Sequence[str], between: Sequence[str] = ()
    ) -> Optional[list[str]]:
        joined = join_segments(segments, between)
        if needs_model(joined):
            self.found.add(joined)
        return list(segments)

    def document(self, data: bytes, kind: str, where: str) -> Optional[bytes]:
        self.found.update(texts_of_document(data, kind, self._ocr))
        return None


def needs_model(text: str) -> bool:
    """Whether a text has anything that could identify: at least two letters or digits."""
    return sum(map(str.isalnum, text[:1000])) > 1 or len(text) > 1000


def date_action(rules: RuleSet) -> str:
    """What the rules do with dates: ``keep``, ``shift`` or ``remove``."""
    if Option.RETAIN_LONG_FULL_DATES in rules.options:
        return "keep"
    return "shift" if Option.RETAIN_LONG_MODIFIED_DATES in rules.options else "remove"


@dataclass
class Scrubber:
    """Gives the new values of one record.

    Parameters
    ----------
    rules : RuleSet
    pseudonyms : Pseudonyms
    patient : Patient
        Whom the record is about.
    known : KnownPHI
        What is known of that patient.
    spans : mapping or None
        What the text model found; ``None`` where texts are to be removed whole.
    """

    rules: RuleSet
    pseudonyms: Pseudonyms
    patient: Patient
    known: KnownPHI
    spans: Optional[Spans]
    oldest_birth_year: int
    findings: list[NoteFinding] = field(default_factory=list)
    mappings: list[PseudonymMapping] = field(default_factory=list)
    chars_in: int = 0
    chars_out: int = 0

    def value(self, rule: FieldRule, value: str, where: str) -> Optional[str]:
        """The new value of a field; ``None`` where it must go.

        Raises
        ------
        Refusal
            If a text was not annotated.
        """
        op = rule.op
        if not value.strip() or op is FieldOp.VERBATIM:
            return value
        if op in (FieldOp.KEEP, FieldOp.WORD):
            # A code that is somebody's name as well is a code; a count is no identifier.
            plain = _CODE.fullmatch(value) or is_short_number(value)
            if len(value) > LONGEST_KEPT or (
                op is FieldOp.WORD and not plain and _MANY_DIGITS.search(value)
            ):
                return None  # where a code or a word is meant, this is a text or an identifier
            return self._clean(value, [] if plain else self.known.find(value), where)
        if op is FieldOp.TEXT:
            cleaned = self.texts([value], [where])
            return cleaned[0] if cleaned is not None else None
        if op is FieldOp.NUMBER:
            return value if is_number(value) else None
        if op is FieldOp.ENTITY:
            return self._whole(value, rule, where)
        if op is FieldOp.ZIP:
            return generalize_zip(value.strip().zfill(5))
        if op is FieldOp.AGE:
            return cap_age(value)
        if op in (FieldOp.DATE, FieldOp.BIRTH_DATE):
            return self._date(value, op)
        return self._pseudonym(op, value.strip())

    def texts(
        self, segments: Sequence[str], where: Sequence[str], between: Sequence[str] = ()
    ) -> Optional[list[str]]:
        """One text that stands in several places (lines, repetitions, nodes of a tree).

        It is annotated and cleaned as a whole. What takes the place of a span over several
        segments stands where the span began, and what is kept stays where it was.
        """
        self.chars_in += sum(map(len, segments))
        if self.spans is None:
            return None
        joined = join_segments(segments, between)
        found: list[Span] = []
        if needs_model(joined):
            model = self.spans.get(joined)
            if model is None:
                raise Refusal(
                    Reason.TEXT_NOT_CLEANED, "a text of the note was not annotated; run again"
                )
            found = [*model, *find_patterns(joined), *self.known.find(joined)]
        cleaner = Cleaner(self.known, self.rules.text, self.pseudonyms, self.patient)
        replaced = cleaner.replacements(joined, found)
        cleaned: list[str] = []
        start = first = 0
        for index, (segment, place) in enumerate(zip(segments, where)):
            end = start + len(segment)
            while first < len(replaced) and replaced[first].span.end <= start:
                first += 1
            cleaned.append(self._segment(joined, start, end, replaced, first, place))
            start = end + (len(between[index]) if index < len(between) else 1)
        self.chars_out += sum(map(len, cleaned))
        return cleaned

    def _segment(
        self, joined: str, start: int, end: int, replaced: list[Replacement], first: int, where: str
    ) -> str:
        """The new text of ``joined[start:end]``, whose first replacement is number ``first``."""
        pieces: list[str] = []
        position, length = start, 0
        for number in range(first, len(replaced)):
            one = replaced[number]
            span, done = one.span, one.done
            if span.begin >= end:
                break
            before = joined[position : max(position, span.begin)]
            begins = span.begin >= start
            new = one.new if begins else ""
            if done.action == "keep":
                new = joined[max(span.begin, start) : min(span.end, end)]
            pieces += (before, new)
            length += len(before)
            if begins:
                self.findings.append(
                    NoteFinding(
                        where, done.entity, done.engine, done.confidence, done.action, length,
                        length + len(new), done.text_hmac,
                    )
                )  # fmt: skip
            length += len(new)
            position = min(span.end, end)
        return "".join([*pieces, joined[position:end]])

    def document(self, data: bytes, kind: str, where: str) -> Optional[bytes]:
        """A PDF or CDA document without what identifies; others, and broken ones, must go."""
        if self.spans is None:
            return None
        cleaned = clean_attached(
            data, kind, self.spans, self.known, self.rules, self.pseudonyms, self.patient
        )
        if cleaned is None:
            return None
        new, found = cleaned
        self.findings += [
            NoteFinding(f"{where}{f.location}", f.entity, f.engine, f.confidence, "mask", 0, 0,
                        f.text_hmac)
            for f in found
        ]  # fmt: skip
        return new

    def _clean(self, text: str, spans: list[Span], where: str) -> str:
        if not spans:
            return text
        result = replace_spans(text, spans, self.rules.text, self.pseudonyms, self.patient)
        self.findings += [
            NoteFinding(where, a.entity, a.engine, a.confidence, a.action, a.begin, a.end,
                        a.text_hmac)
            for a in result.applied
        ]  # fmt: skip
        return result.text

    def _whole(self, value: str, rule: FieldRule, where: str) -> str:
        whole = Span(0, len(value), rule.entity, "field", 1.0, rule.kind)
        return self._clean(value, [whole], where)

    def _date(self, value: str, op: FieldOp) -> Optional[str]:
        action = date_action(self.rules)
        if action == "remove":
            return None
        days = self.patient.shift_days if action == "shift" else 0
        if op is FieldOp.BIRTH_DATE:
            return birth_year(value, days, self.oldest_birth_year)
        moved = move_date(value, days)
        return value if moved is not None and not days else moved

    def _pseudonym(self, op: FieldOp, value: str) -> Optional[str]:
        new, kind = self._derived(op, value)
        if new is not None and new != value:
            self.mappings.append(PseudonymMapping(kind, value, new, self.patient.pseudonym))
        return new

    def _derived(self, op: FieldOp, value: str) -> tuple[Optional[str], str]:
        """A value derived from the key, and the kind of the pair for the mapping."""
        if op is FieldOp.PATIENT_ID:
            return self.patient.pseudonym, "patient_id"
        if op is FieldOp.TOKEN:
            if make_patient_identity(value) == self.patient.identity.partition("\x1f")[0]:
                return self.patient.pseudonym, "patient_id"
            return self.pseudonyms.token("id", value), "id"
        if op is FieldOp.NOTE_ID:
            return self.pseudonyms.token("note_id", value), "note_id"
        if op is FieldOp.REFERENCE:
            return map_reference(value, self.pseudonyms), "fhir_id"
        if op is FieldOp.UID:
            return replace_uid(value, self.pseudonyms), "uid"
        if op in (FieldOp.NAME, FieldOp.PATIENT_NAME):
            if self.rules.name_style == "surrogate":
                return surrogate_name(value, self.pseudonyms, self.patient), "name"
            if op is FieldOp.PATIENT_NAME:
                return self.patient.pseudonym, "name"
            return self.pseudonyms.token("name", value.upper().strip(" ^")), "name"
        return None, ""  # REMOVE, ISSUER, and whatever only a format of its own understands
