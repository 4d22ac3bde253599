"""Write one element anew by one rule."""

from __future__ import annotations

import re

from safelight.headers import charset
from safelight.headers.dates import CONSTANT_DATE_TAGS
from safelight.headers.dictionary import VR_OF
from safelight.headers.dummies import dummy
from safelight.headers.encoding import (
    CHARACTER_SET_VRS,
    MAX_CHARACTERS,
    NUMBER_LAYOUTS,
    SINGLE_VALUE_VRS,
    STRING_VRS,
    location,
)
from safelight.headers.identity import PATIENT_NAME
from safelight.headers.outcome import Outcome, Place, Records, Spans, action
from safelight.headers.parse import Element
from safelight.headers.values import cap_age, replace_uid, shift, token
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Mapping
from safelight.rules import Op, Rule, RuleSet
from safelight.text.fold import fold_text
from safelight.text.known import KnownPHI
from safelight.text.policy import clean_text
from safelight.text.surrogates import name_token, surrogate_name
from safelight.text.words import is_word, surnames_that_are_words

#: The bytes that kept values of these VRs may hold (PS3.5, table 6.2-1).
_ALLOWED_BYTES = {
    "DS": b"0123456789+-.eE \\\0",
    "IS": b"0123456789+- \\\0",
    "UI": b"0123456789.\\\0 ",
    "AS": b"0123456789DWMY \\\0",
    "DA": b"0123456789.- \\\0",
    "DT": b"0123456789.+- \\\0",
    "TM": b"0123456789.:- \\\0",
}
_DATE_BYTES = re.compile(rb"[0-9.+\- \\\0]*")

_MAPPING_KINDS = {
    0x0020000D: "study_uid",
    0x0020000E: "series_uid",
    0x00080018: "sop_uid",
    0x00080050: "accession",
    0x00200010: "study_id",
}
_MAPPED = frozenset({Op.UID, Op.PATIENT_ID, Op.TOKEN, Op.NAME})
_DONE = {
    Op.SHIFT: "shifted",
    Op.UID: "replaced",
    Op.PATIENT_ID: "tokenised",
    Op.TOKEN: "tokenised",
    Op.NAME: "tokenised",
    Op.AGE: "generalised",
    Op.LITERAL: "replaced",
}


class ElementWriter:
    """Applies rules to the values of one patient's elements.

    Parameters
    ----------
    rules : RuleSet
        Its text policy and name style.
    known : KnownPHI
        What the object says of its patient, to be found wherever else it stands.
    patient : Patient
    pseudonyms : Pseudonyms

    Attributes
    ----------
    spans : mapping or None
        PHI by distinct text for the object at hand; ``None`` when no text model was used.
    """

    def __init__(self, rules: RuleSet, known: KnownPHI, patient: Patient, pseudonyms: Pseudonyms):
        self.rules = rules
        self.known = known
        self.patient = patient
        self.pseudonyms = pseudonyms
        self.spans: Spans | None = None

    def write(
        self, data: bytes, element: Element, vr: str, rule: Rule, place: Place, records: Records
    ) -> Outcome | None:
        """The outcome of one element that is no sequence; ``None`` keeps its bytes.

        Parameters
        ----------
        data : bytes
        element : Element
        vr : str
            The element's VR, or that of the dictionary where the object says UN.
        rule : Rule
        place : Place
        records : Records
            Told whether text was cleaned.
        """
        tag, op = element.tag, rule.op
        where = location(place.path, tag)
        if op is Op.CLEAN or (op is Op.KEEP and vr in CHARACTER_SET_VRS):
            return self._clean(data, element, vr, rule, place, records)
        raw = data[element.value : element.stop]
        if op is Op.KEEP:
            kept = self._may_stay(raw, vr, place)
            return None if kept else self._fallback(element, vr, rule, place, where)
        if op is Op.SHIFT and tag in CONSTANT_DATE_TAGS and _DATE_BYTES.fullmatch(raw):
            return None
        if op is Op.EMPTY:
            if not raw:
                return None
            done = action(where, element, vr, "emptied", rule)
            return Outcome(place.encoding.element(tag, vr, b""), (done,))
        if op is Op.DUMMY:
            return self._dummied(element, vr, rule, place, where)
        if op not in _DONE or (vr not in STRING_VRS and vr != "UN"):
            # A rule for sequences or strings met something else: the value can only go.
            return self._fallback(element, vr, rule, place, where)
        text = charset.decode(raw, vr, place.encodings)
        if not text.strip():
            return None
        new, mappings = self._replace(text, tag, vr, rule)
        if new is None:
            return self._fallback(element, vr, rule, place, where)
        if new == text:
            return None
        return Outcome(
            place.encoding.element(tag, vr, charset.encode(new, vr, place.encodings)),
            (action(where, element, vr, _DONE[op], rule),),
            mappings,
        )

    def _may_stay(self, raw: bytes, vr: str, place: Place) -> bool:
        """Whether a value that the rules keep holds only what its VR may hold, and no one's name.

        Numbers written as text hold digits, UIDs digits and dots. A code string or title is
        checked against what is known of the patient, as a whole: coded terms are short, and
        parts of names would hit them. Words that nobody is called stay: patients of test and
        phantom studies are named after what is scanned (``PERFUSION``), and so are image types.
        """
        allowed = _ALLOWED_BYTES.get(vr)
        if allowed is not None:
            return not raw.translate(None, allowed)
        if vr not in ("CS", "AE", "UR"):
            return True
        for value in charset.decode(raw, vr, place.encodings).split("\\"):
            size = len(value.strip())
            folded = fold_text(value.strip())
            if vr == "CS" and is_word(folded) and folded not in surnames_that_are_words():
                continue
            spans = self.known.find(value.strip()) if size >= 4 else []
            if any(span.end - span.begin == size for span in spans):
                return False
        return True

    def _replace(
        self, text: str, tag: int, vr: str, rule: Rule
    ) -> tuple[str | None, tuple[Mapping, ...]]:
        """The new text for one rule, value by value, and the pairs for the mapping table."""
        op, patient, pseudonyms = rule.op, self.patient, self.pseudonyms
        values = [text] if vr in SINGLE_VALUE_VRS else text.split("\\")
        new: list[str] = []
        mappings: list[Mapping] = []
        for value in values:
            kind = _MAPPING_KINDS.get(tag, "uid" if op is Op.UID else "id")
            if op is Op.SHIFT:
                replaced = shift(value, vr, patient.shift_days) if value.strip() else ""
            elif op is Op.UID:
                replaced = replace_uid(value, pseudonyms)
            elif op is Op.PATIENT_ID:
                replaced, kind = patient.pseudonym, "patient_id"
            elif op is Op.TOKEN:
                replaced = token(value, vr, pseudonyms)
            elif op is Op.NAME:
                replaced, kind = self._name(value, tag), "name"
            elif op is Op.AGE:
                replaced = cap_age(value)
            else:  # LITERAL
                return rule.argument or "", ()
            if replaced is None:
                return None, ()
            if op in _MAPPED and value.strip() and replaced != value.strip():
                mappings.append(Mapping(kind, value.strip(), replaced, patient.pseudonym))
            new.append(replaced)
        return "\\".join(new), tuple(mappings)

    def _name(self, value: str, tag: int) -> str:
        """A surrogate or a token for one person's name; the patient's token is the pseudonym."""
        if not value.strip("^= "):
            return ""
        if self.rules.name_style == "surrogate":
            return surrogate_name(value, self.pseudonyms, self.patient)
        if tag == PATIENT_NAME:
            return self.patient.pseudonym
        return name_token(value, self.pseudonyms)

    def _clean(
        self, data: bytes, element: Element, vr: str, rule: Rule, place: Place, records: Records
    ) -> Outcome | None:
        """Cut what identifies out of a text; spans of the text model and known values alike."""
        raw = data[element.value : element.stop]
        where = location(place.path, element.tag)
        text = charset.decode(raw, vr, place.encodings)
        if not text.strip():
            return None
        wanted = rule.op is Op.CLEAN
        if (wanted and self.spans is None) or VR_OF[element.tag] in NUMBER_LAYOUTS:
            # No text model, or text where the standard has a number: nothing vouches for it.
            return self._fallback(element, vr, rule, place, where)
        values = [text] if vr in SINGLE_VALUE_VRS else text.split("\\")
        new: list[str] = []
        findings: list[Finding] = []
        for value in values:
            spans = [] if not value.strip() else self.known.find(value)
            if wanted and self.spans is not None and value.strip():
                records.cleaned_text = True
                model = self.spans.get(value)
                if model is None:
                    return self._fallback(element, vr, rule, place, where)
                spans = [*spans, *model]
            if not spans:
                new.append(value)
                continue
            cleaned = clean_text(value, spans, self.rules.text, self.pseudonyms, self.patient)
            new.append(cleaned.text[: MAX_CHARACTERS.get(vr)])
            findings += [
                Finding(where, done.entity, done.engine, done.confidence, done.text_hmac)
                for done in cleaned.applied
            ]
        if new == values:
            return None
        encoded = charset.encode("\\".join(new), vr, place.encodings)
        return Outcome(
            place.encoding.element(element.tag, vr, encoded),
            (action(where, element, vr, "cleaned", rule),),
            (),
            tuple(findings),
        )

    def _fallback(
        self, element: Element, vr: str, rule: Rule, place: Place, where: str,
        findings: tuple[Finding, ...] = (),
    ) -> Outcome:  # fmt: skip
        """What stands in for a value that the rule could not be applied to: never the value."""
        fallback = rule.fallback
        if fallback is Op.DUMMY:
            return self._dummied(element, vr, rule, place, where)._replace(findings=findings)
        if fallback is Op.EMPTY:
            data, done = place.encoding.element(element.tag, vr, b""), "emptied"
        else:
            data, done = b"", "removed"
        return Outcome(data, (action(where, element, vr, done, rule),), (), findings)

    def _dummied(self, element: Element, vr: str, rule: Rule, place: Place, where: str) -> Outcome:
        value = dummy(vr, place.encoding)
        if vr in NUMBER_LAYOUTS:  # as many as there were: of some attributes one is too few
            value *= max(1, (element.stop - element.value) // len(value))
        new = place.encoding.element(element.tag, vr, value)
        return Outcome(new, (action(where, element, vr, "dummied", rule),))
