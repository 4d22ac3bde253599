"""What takes the place of each span: by entity, by rule, and masked where that cannot be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Span
from safelight.rules.policies import EntityAction, TextPolicy
from safelight.text.carried import CARRIED
from safelight.text.dates.date_order import reads_day_first
from safelight.text.dates.written_dates import shift_date_text
from safelight.text.generalization import (
    generalise_age,
    generalise_birth,
    generalise_date,
    generalise_zip,
)
from safelight.text.lexicon.folding import fold_text
from safelight.text.span_merging import merge_spans
from safelight.text.surrogates.names import name_token, surrogate_name
from safelight.text.surrogates.values import (
    is_patient_id,
    surrogate_contact,
    surrogate_id,
    surrogate_place,
    surrogate_profession,
)

__all__ = ["AppliedSpan", "CleanedText", "TextPolicy", "clean_text"]

#: Fine labels of a date of birth: as a rule its year stays, as in structured fields.
BIRTHS = frozenset(("DOB", "birth_date", "BIRTH"))
FIXED_MASK = "********"


@dataclass(frozen=True)
class AppliedSpan:
    """What was done to one span. No PHI.

    Attributes
    ----------
    begin, end : int
        Where its replacement stands in the de-identified text.
    action : str
        What was done in the end: ``mask`` where the rule's own action was not possible.
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
    """A de-identified text and what was done to it, in order."""

    text: str
    applied: tuple[AppliedSpan, ...]


@dataclass(frozen=True)
class _Hand:
    """All that an action may need besides the span."""

    pseudonyms: Pseudonyms
    patient: Patient
    gender: str | None
    day_first: bool | None


def action_for(span: Span, policy: TextPolicy) -> EntityAction:
    """The policy's action: by fine label, else by coarse one, else mask.

    What is only carried along stays unless its fine label is named; weekdays move with dates.
    A birth date that is not named is cut to its year where other dates move.
    """
    entities = policy.entities
    action = entities.get(span.subtype)
    if action is None:
        action = entities.get(span.entity) or "mask"
        if span.subtype in CARRIED and action != "shift":
            return "keep"
        if span.subtype in BIRTHS and action == "shift":
            return "generalise"
    return action


def _shifted(span: Span, text: str, hand: _Hand) -> str | None:
    """The date moved; a month or a day without year that comes out as it was is masked.

    A lone weekday may stay: masked, it would tell that the shift is one of whole weeks.
    """
    new = shift_date_text(text, hand.patient.shift_days, hand.day_first)
    return new if new != text or span.subtype in CARRIED else None


def _surrogate(span: Span, text: str, hand: _Hand) -> str | None:
    pseudonyms, patient = hand.pseudonyms, hand.patient
    if span.entity == "DATE":
        return _shifted(span, text, hand)
    if span.entity == "AGE":
        return generalise_age(text)
    if span.entity == "NAME":
        new = surrogate_name(text, pseudonyms, patient, hand.gender)
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


def _generalise(span: Span, text: str, hand: _Hand) -> str | None:
    if span.entity == "AGE":
        return generalise_age(text)
    if span.subtype in BIRTHS:
        return generalise_birth(text, hand.patient.shift_days, hand.day_first)
    if span.entity == "DATE":
        return generalise_date(text)
    if span.subtype == "ZIP":
        return generalise_zip(text)
    return text if span.subtype in ("STATE", "COUNTRY") else None


def _token(span: Span, text: str, hand: _Hand) -> str:
    if span.entity == "ID" and is_patient_id(text, hand.patient):
        return hand.patient.pseudonym
    if span.entity == "NAME":
        return name_token(text, hand.pseudonyms)
    return hand.pseudonyms.token(span.entity.lower(), text.strip())


def _replacement(
    span: Span, text: str, action: EntityAction, hand: _Hand
) -> tuple[str, EntityAction]:
    """The new text, and the action that was possible: what cannot be done is masked."""
    new: str | None = None
    if action == "keep":
        new = text
    elif action == "remove":
        new = ""
    elif action == "mask_same_length":
        new = "*" * len(text)
    elif action == "mask_fixed_length":
        new = FIXED_MASK
    elif action == "shift":
        if span.entity == "DATE":
            new = _shifted(span, text, hand)
    elif action == "generalise":
        new = _generalise(span, text, hand)
    elif action == "token":
        new = _token(span, text, hand)
    elif action == "surrogate":
        new = _surrogate(span, text, hand)
    if new is None:
        return f"[{span.entity}]", "mask"
    return new, action


def clean_text(
    text: str,
    spans: Sequence[Span],
    policy: TextPolicy,
    pseudonyms: Pseudonyms,
    patient: Patient,
    gender: str | None = None,
    day_first: bool | None = None,
) -> CleanedText:
    """Replace every span of a text as the policy says.

    Parameters
    ----------
    text : str
    spans : sequence of Span
        From any sources, overlapping or not; they are merged first.
    policy : TextPolicy
        An entity that it does not name is masked.
    pseudonyms, patient
        Key and patient: surrogates, tokens and the date shift come from them.
    gender : str, optional
        ``F`` or ``M``, for given names that both bear.
    day_first : bool, optional
        How ``03/04/2020`` is read; left open, as the text's other dates and its language tell
        (:func:`safelight.text.dates.date_order.reads_day_first`).

    Returns
    -------
    CleanedText
    """
    if day_first is None:
        day_first = reads_day_first(text)
    hand = _Hand(pseudonyms, patient, gender, day_first)
    pieces: list[str] = []
    applied: list[AppliedSpan] = []
    position = length = 0
    for span in merge_spans(spans, text):
        action = action_for(span, policy)
        if span.subtype in CARRIED and action == "keep":
            continue
        original = text[span.begin : span.end]
        new, done = _replacement(span, original, action, hand)
        pieces += (text[position : span.begin], new)
        length += span.begin - position
        applied.append(
            AppliedSpan(
                length, length + len(new), span.entity, span.subtype, span.engine,
                span.confidence, done, pseudonyms.hexdigest("text", original),
            )
        )  # fmt: skip
        length += len(new)
        position = span.end
    pieces.append(text[position:])
    return CleanedText("".join(pieces), tuple(applied))
