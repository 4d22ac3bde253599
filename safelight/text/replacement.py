"""Replace the spans of a text by policy; mask what the action of the policy cannot replace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Span
from safelight.rules.policies import EntityAction, TextPolicy
from safelight.text.dates.hints import NO_HINTS, DateHints
from safelight.text.dates.note_dates import NoteDates, read_note_dates
from safelight.text.generalization import (
    generalize_age,
    generalize_birth,
    generalize_date,
    generalize_zip,
)
from safelight.text.lexicon.folding import fold_text
from safelight.text.span_merging import NON_IDENTIFYING_LABELS, is_unrecorded, merge_spans
from safelight.text.surrogates.contacts import surrogate_contact
from safelight.text.surrogates.identifiers import is_patient_id, surrogate_id
from safelight.text.surrogates.names import name_token, surrogate_name
from safelight.text.surrogates.places import surrogate_place
from safelight.text.surrogates.professions import surrogate_profession

__all__ = ["AppliedSpan", "CleanedText", "TextPolicy", "replace_spans"]

#: Subtypes of a birth date: by default its year is kept, as in structured fields.
BIRTH_DATE_LABELS = frozenset(("DOB", "birth_date", "BIRTH"))
FIXED_LENGTH_MASK = "********"


@dataclass(frozen=True)
class AppliedSpan:
    """Record of the replacement of one span. No PHI.

    Attributes
    ----------
    begin, end : int
        Code point offsets of the replacement in the de-identified text, half open.
    entity, subtype, engine, confidence
        As in the span that was replaced.
    action : str
        Action that was applied: ``mask`` if the policy's action was not possible.
    text_hmac : str
        Keyed hash of the original.
    """

    begin: int
    end: int
    entity: str
    subtype: str
    engine: str
    confidence: float
    action: EntityAction
    text_hmac: str


@dataclass(frozen=True)
class CleanedText:
    """De-identified text with the records of its replacements, in order."""

    text: str
    applied: tuple[AppliedSpan, ...]


@dataclass(frozen=True)
class ReplacementContext:
    """Arguments of the actions besides the span and its text."""

    pseudonyms: Pseudonyms
    patient: Patient
    gender: str | None
    dates: NoteDates


def replace_spans(
    text: str,
    spans: Sequence[Span],
    policy: TextPolicy,
    pseudonyms: Pseudonyms,
    patient: Patient,
    *,
    gender: str | None = None,
    hints: DateHints = NO_HINTS,
) -> CleanedText:
    """Replace every span of a text by the action of the policy.

    Parameters
    ----------
    text : str
        Original text.
    spans : sequence of Span
        Spans of all sources. They may overlap and are merged first.
    policy : TextPolicy
        Actions by entity; entities without an action are masked.
    pseudonyms, patient
        Key and patient, which determine surrogates, tokens and the date shift.
    gender : str, optional
        ``F`` or ``M``, for surrogates of given names of both sexes.
    hints : DateHints, optional
        Order of ``03/04/2020`` and date of the record, if the other dates of the text and its
        language leave them open (:func:`safelight.text.dates.note_dates.read_note_dates`).

    Returns
    -------
    CleanedText
        De-identified text and one record per replaced span.
    """
    merged = merge_spans(spans, text)
    dates = read_note_dates(text, merged, hints)
    context = ReplacementContext(pseudonyms, patient, gender, dates)
    pieces: list[str] = []
    applied: list[AppliedSpan] = []
    position = length = 0
    for span in merged:
        action = action_for(span, policy)
        if is_unrecorded(span, action):
            continue
        original = text[span.begin : span.end]
        new, applied_action = _replace_span(span, original, action, context)
        pieces += (text[position : span.begin], new)
        length += span.begin - position
        applied.append(
            AppliedSpan(
                length, length + len(new), span.entity, span.subtype, span.engine,
                span.confidence, applied_action, pseudonyms.hexdigest("text", original),
            )
        )  # fmt: skip
        length += len(new)
        position = span.end
    pieces.append(text[position:])
    return CleanedText("".join(pieces), tuple(applied))


def action_for(span: Span, policy: TextPolicy) -> EntityAction:
    """Return the action of a policy for a span: by subtype, else by entity, else ``mask``.

    Two kinds of subtypes have defaults of their own if the policy does not name them: spans
    that do not identify are kept, except that weekdays are shifted where dates are; birth dates
    are reduced to their year where dates are shifted.

    Parameters
    ----------
    span : Span
        Span to replace.
    policy : TextPolicy
        Actions by entity and subtype.
    """
    entities = policy.entities
    action = entities.get(span.subtype)
    if action is None:
        action = entities.get(span.entity) or "mask"
        if span.subtype in NON_IDENTIFYING_LABELS and action != "shift":
            return "keep"
        if span.subtype in BIRTH_DATE_LABELS and action == "shift":
            return "generalise"
    return action


def _replace_span(
    span: Span, text: str, action: EntityAction, context: ReplacementContext
) -> tuple[str, EntityAction]:
    """Return the replacement and the action that was applied: ``mask`` if the given one failed."""
    replace = _ACTIONS.get(action)
    new = replace(span, text, context) if replace else None
    if new is None:
        return f"[{span.entity}]", "mask"
    return new, action


def _shift(span: Span, text: str, context: ReplacementContext) -> str | None:
    """Return a shifted date, or None for other entities."""
    return _shift_date(span, text, context) if span.entity == "DATE" else None


def _shift_date(span: Span, text: str, context: ReplacementContext) -> str | None:
    """Return the shifted date, or None if it is unchanged, as a date without a year may be.

    An unchanged weekday is kept: masking it would reveal that the shift is a multiple of a week.
    """
    new = context.dates.shift(span, context.patient.shift_days)
    return new if new != text or span.subtype in NON_IDENTIFYING_LABELS else None


def _surrogate(span: Span, text: str, context: ReplacementContext) -> str | None:
    """Return a surrogate, or None if there is none or it would hold the original."""
    pseudonyms, patient = context.pseudonyms, context.patient
    if span.entity == "DATE":
        return _shift_date(span, text, context)
    if span.entity == "AGE":
        return generalize_age(text)
    if span.entity == "NAME":
        new = surrogate_name(text, pseudonyms, patient, context.gender)
    elif span.entity == "ID":
        new = surrogate_id(text, pseudonyms, patient)
    elif span.entity == "CONTACT":
        new = surrogate_contact(text, pseudonyms, patient)
    elif span.entity == "LOCATION":
        new = surrogate_place(text, span.subtype, pseudonyms, patient)
    elif span.entity == "PROFESSION":
        new = surrogate_profession(text, pseudonyms, patient)
    else:
        return None
    return new if new and fold_text(text) not in fold_text(new) else None


def _generalize(span: Span, text: str, context: ReplacementContext) -> str | None:
    """Return a coarser value, or None if the entity has none."""
    if span.entity == "AGE":
        return generalize_age(text)
    if span.subtype in BIRTH_DATE_LABELS:
        return generalize_birth(text, context.patient.shift_days, context.dates.context.day_first)
    if span.entity == "DATE":
        return generalize_date(text)
    if span.subtype == "ZIP":
        return generalize_zip(text)
    return text if span.subtype in ("STATE", "COUNTRY") else None


def _token(span: Span, text: str, context: ReplacementContext) -> str:
    """Return the token of a value; the patient's own identifier becomes the pseudonym."""
    if span.entity == "ID" and is_patient_id(text, context.patient):
        return context.patient.pseudonym
    if span.entity == "NAME":
        return name_token(text, context.pseudonyms)
    return context.pseudonyms.token(span.entity.lower(), text.strip())


#: Functions by action; each returns the replacement, or None if the span must be masked.
_ACTIONS: dict[str, Callable[[Span, str, ReplacementContext], str | None]] = {
    "keep": lambda _span, text, _context: text,
    "remove": lambda _span, _text, _context: "",
    "mask_same_length": lambda _span, text, _context: "*" * len(text),
    "mask_fixed_length": lambda _span, _text, _context: FIXED_LENGTH_MASK,
    "shift": _shift,
    "generalise": _generalize,
    "token": _token,
    "surrogate": _surrogate,
}
