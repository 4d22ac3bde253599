"""Write one element anew by one rule."""

from __future__ import annotations

import re
from dataclasses import replace

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_OF
from safelight.dicom.elements import Element
from safelight.dicom.encoding import (
    MAX_CHARACTERS,
    NUMBER_LAYOUTS,
    SINGLE_VALUE_VRS,
    STRING_VRS,
    location,
)
from safelight.headers.change_log import ChangeLog, DatasetContext, ElementEdit, Spans, action
from safelight.headers.date_shift import CONSTANT_DATE_TAGS
from safelight.headers.dummy_values import dummy
from safelight.headers.new_values import cap_age, replace_uid, shift, token
from safelight.headers.patient_identity import PATIENT_NAME
from safelight.headers.residual_phi import (
    ALLOWED_BYTES,
    is_number_safe,
    is_place_of_the_maker,
    is_small_number,
    is_value_safe,
    known_in_code,
    known_numbers,
    still_identifies,
)
from safelight.headers.text_classifier import filter_findings
from safelight.headers.text_collection import JUDGED_VRS, TITLE_VRS, second_guessed, text_values
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, PseudonymMapping, Span
from safelight.rules import AttributeRule, Operation, Recheck, RuleSet
from safelight.standard.attribute_categories import is_product_attribute
from safelight.text.generalization import oldest_birth_year
from safelight.text.known.known_phi import KnownPHI
from safelight.text.replacement import replace_spans
from safelight.text.surrogates.names import name_token, surrogate_name

_DATE_BYTES = re.compile(rb"[0-9.+\- \\\0]*")

_MAPPING_KINDS = {
    0x0020000D: "study_uid",
    0x0020000E: "series_uid",
    0x00080018: "sop_uid",
    0x00080050: "accession",
    0x00200010: "study_id",
}
_MAPPED = frozenset({Operation.UID, Operation.PATIENT_ID, Operation.TOKEN, Operation.NAME})
_DONE = {
    Operation.SHIFT: "shifted",
    Operation.UID: "replaced",
    Operation.PATIENT_ID: "tokenised",
    Operation.TOKEN: "tokenised",
    Operation.NAME: "tokenised",
    Operation.AGE: "generalised",
    Operation.LITERAL: "replaced",
}


#: Dates of the content tree, of which a birth date keeps its year alone (PS3.3, section C.17.3).
_CONTENT_DATES = frozenset((0x0040A120, 0x0040A121))


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
        self._numbers = known_numbers(known.values)
        self._births = frozenset(v.text for v in known.values if v.kind == "birth_date")

    def write(
        self,
        data: bytes,
        element: Element,
        vr: str,
        rule: AttributeRule,
        place: DatasetContext,
        records: ChangeLog,
    ) -> ElementEdit | None:
        """The outcome of one element that is no sequence; ``None`` keeps its bytes.

        Parameters
        ----------
        data : bytes
        element : Element
        vr : str
            The element's VR, or that of the dictionary where the object says UN.
        rule : AttributeRule
        place : DatasetContext
        records : ChangeLog
            Told whether text was cleaned.
        """
        tag, op = element.tag, rule.operation
        where = location(place.path, tag)
        if op is Operation.KEEP:
            return self._keep(data, element, vr, rule, place, records)
        if op is Operation.CLEAN:
            return self._clean(data, element, vr, rule, place, records)
        raw = data[element.value : element.stop]
        if op is Operation.SHIFT and tag in CONSTANT_DATE_TAGS and _DATE_BYTES.fullmatch(raw):
            return None
        if op is Operation.EMPTY:
            if not raw:
                return None
            done = action(where, element, vr, "emptied", rule)
            return ElementEdit(place.encoding.element(tag, vr, b""), (done,))
        if op is Operation.DUMMY:
            return self._dummied(element, vr, rule, place, where)
        if op not in _DONE or (vr not in STRING_VRS and vr != "UN"):
            # A rule for sequences or strings met something else: the value can only go.
            return self._fallback(element, vr, rule, place)
        text = character_sets.decode(raw, vr, place.encodings)
        if not text.strip():
            return None
        new, mappings = self._replace(text, tag, vr, rule)
        if new is None:
            return self._fallback(element, vr, rule, place)
        if new == text:
            return None
        return ElementEdit(
            place.encoding.element(tag, vr, character_sets.encode(new, vr, place.encodings)),
            (action(where, element, vr, _DONE[op], rule),),
            mappings,
        )

    def _keep(
        self,
        data: bytes,
        element: Element,
        vr: str,
        rule: AttributeRule,
        place: DatasetContext,
        records: ChangeLog,
    ) -> ElementEdit | None:
        """A value that the rules keep stays if it holds what its VR may hold, and no one's name."""
        tag, raw = element.tag, data[element.value : element.stop]
        if vr in JUDGED_VRS:
            return self._clean(data, element, vr, rule, place, records)
        if VR_OF[tag] in NUMBER_LAYOUTS and vr in STRING_VRS and vr not in ("IS", "DS"):
            return self._fallback(element, vr, rule, place)
        if vr in ALLOWED_BYTES:
            if is_number_safe(raw, vr, self._numbers):
                return None
            if vr == "UI" and not raw.translate(None, ALLOWED_BYTES["UI"]):
                return self.write(
                    data, element, vr, replace(rule, operation=Operation.UID), place, records
                )
            return self._fallback(element, vr, rule, place)
        if (tag >> 16 & 1 or vr in NUMBER_LAYOUTS) and not is_value_safe(raw, vr, self.known):
            return self._fallback(element, vr, rule, place)
        return None

    def _replace(
        self, text: str, tag: int, vr: str, rule: AttributeRule
    ) -> tuple[str | None, tuple[PseudonymMapping, ...]]:
        """The new text for one rule, value by value, and the pairs for the mapping table."""
        op, patient, pseudonyms = rule.operation, self.patient, self.pseudonyms
        values = [text] if vr in SINGLE_VALUE_VRS else text.split("\\")
        new: list[str] = []
        mappings: list[PseudonymMapping] = []
        for value in values:
            kind = _MAPPING_KINDS.get(tag, "uid" if op is Operation.UID else "id")
            if op is Operation.SHIFT:
                replaced = shift(value, vr, patient.shift_days) if value.strip() else ""
                if replaced and tag in _CONTENT_DATES and value.strip()[:8] in self._births:
                    replaced = f"{max(int(replaced[:4]), oldest_birth_year()):04d}0101"
            elif op is Operation.UID:
                replaced = replace_uid(value, pseudonyms)
            elif op is Operation.PATIENT_ID:
                replaced, kind = patient.pseudonym, "patient_id"
            elif op is Operation.TOKEN:
                replaced = token(value, vr, pseudonyms)
            elif op is Operation.NAME:
                replaced, kind = self._name(value, tag), "name"
            elif op is Operation.AGE:
                replaced = cap_age(value)
            else:  # LITERAL
                return rule.argument or "", ()
            if replaced is None:
                return None, ()
            if op in _MAPPED and value.strip() and replaced != value.strip():
                mappings.append(PseudonymMapping(kind, value.strip(), replaced, patient.pseudonym))
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
        self,
        data: bytes,
        element: Element,
        vr: str,
        rule: AttributeRule,
        place: DatasetContext,
        records: ChangeLog,
    ) -> ElementEdit | None:
        """Cut what identifies out of a text; spans of the text model and known values alike.

        A kept text is second-guessed: what counts there is more than a shy guess if the
        attribute holds set terms, and the rules may want the object looked at by a person.
        """
        where, raw = location(place.path, element.tag), data[element.value : element.stop]
        values = text_values(raw, vr, place.encodings)
        if not any(map(str.strip, values)):
            return None
        wanted = rule.operation is Operation.CLEAN
        if (wanted and self.spans is None) or VR_OF[element.tag] in NUMBER_LAYOUTS:
            # No text model, or text where the standard has a number: nothing vouches for it.
            return self._fallback(element, vr, rule, place)
        if self.known.find(character_sets.other_reading(raw, place.encodings)):
            # A name in another character set than the object's: what else is in it?
            return self._fallback(element, vr, rule, place)
        new: list[str] = []
        findings: list[Finding] = []
        for value in values:
            spans = self._spans(element.tag, vr, value, rule, records)
            if spans is None:
                return self._fallback(element, vr, rule, place)
            if not spans:
                new.append(value)
                continue
            cleaned = replace_spans(value, spans, self.rules.text, self.pseudonyms, self.patient)
            findings += [
                Finding(where, done.entity, done.engine, done.confidence, done.text_hmac)
                for done in cleaned.applied
            ]
            # no part of a code can be masked: the alphabet of codes has no mask
            new.append("" if vr in TITLE_VRS else cleaned.text[: MAX_CHARACTERS.get(vr)])
        if findings and not wanted and self.rules.text.second_guess == "quarantine":
            raise still_identifies(where, findings[0].entity)
        if "\\".join(new) == character_sets.decode(raw, vr, place.encodings):
            return None
        if not any(new):
            return self._fallback(element, vr, rule, place, tuple(findings))
        encoded = character_sets.encode("\\".join(new), vr, place.encodings)
        return ElementEdit(
            place.encoding.element(element.tag, vr, encoded),
            (action(where, element, vr, "cleaned", rule),),
            (),
            tuple(findings),
        )

    def _spans(
        self, tag: int, vr: str, value: str, rule: AttributeRule, records: ChangeLog
    ) -> list[Span] | None:
        """What identifies in one value; ``None`` if nothing has read what must be read."""
        if not value.strip():
            return []
        spans = known_in_code(self.known, value) if vr in TITLE_VRS else self.known.find(value)
        if rule.operation is Operation.KEEP:
            spans = [span for span in spans if not is_small_number(value, span)]
            if is_product_attribute(tag):
                spans = [span for span in spans if not is_place_of_the_maker(value, span)]
            if self.spans is None or not second_guessed(self.rules, rule, tag, vr, value):
                return spans
        assert self.spans is not None
        records.read_text = True
        model = self.spans.get(value)
        if model is None:
            return None
        return [
            *spans,
            *filter_findings(value, vr, model, rule.recheck is Recheck.CONFIDENT or vr == "CS"),
        ]

    def _fallback(
        self, element: Element, vr: str, rule: AttributeRule, place: DatasetContext,
        findings: tuple[Finding, ...] = (),
    ) -> ElementEdit:  # fmt: skip
        """What stands in for a value that the rule could not be applied to: never the value."""
        where, fallback = location(place.path, element.tag), rule.fallback
        if fallback is Operation.DUMMY:
            return self._dummied(element, vr, rule, place, where)._replace(findings=findings)
        if fallback is Operation.EMPTY:
            data, done = place.encoding.element(element.tag, vr, b""), "emptied"
        else:
            data, done = b"", "removed"
        return ElementEdit(data, (action(where, element, vr, done, rule),), (), findings)

    def _dummied(
        self, element: Element, vr: str, rule: AttributeRule, place: DatasetContext, where: str
    ) -> ElementEdit:
        value = dummy(vr, place.encoding)
        if vr in NUMBER_LAYOUTS:  # as many as there were: of some attributes one is too few
            value *= max(1, (element.stop - element.value) // len(value))
        new = place.encoding.element(element.tag, vr, value)
        return ElementEdit(new, (action(where, element, vr, "dummied", rule),))
