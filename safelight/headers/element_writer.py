"""Apply one rule to the value of one element."""

from __future__ import annotations

import re
from dataclasses import replace

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_BY_TAG, find_max_values
from safelight.dicom.elements import Element
from safelight.dicom.encoding import (
    BULK_VRS,
    NUMBER_BYTES,
    NUMBER_LAYOUTS,
    STRING_VRS,
    format_tag_path,
)
from safelight.dicom.tags import PATIENT_ID, PIXEL_DATA_TAGS
from safelight.dicom.value_formats import can_hold
from safelight.dicom.values import encode_numbers, format_numbers, split_text_values
from safelight.headers.binary_values import are_known_letters, holds_word, is_binary_value_safe
from safelight.headers.conditional_elements import refuse
from safelight.headers.dummy_values import make_dummy_value, make_structural_value
from safelight.headers.element_text import ElementTextCleaner
from safelight.headers.known_numbers import KnownNumbers
from safelight.headers.models import ChangeLog, DatasetContext, ElementEdit, make_action
from safelight.headers.patient_identity import IDENTIFYING_ATTRIBUTES
from safelight.headers.residual_phi import ALLOWED_BYTES, collect_known_numbers, is_number_safe
from safelight.headers.text_collection import TEXT_CHECKED_VRS
from safelight.headers.text_in_bytes import (
    holds_instance_uid,
    is_hidden_text,
    is_uid,
    iterate_readings,
)
from safelight.headers.value_replacer import ValueReplacer
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Reason, Refusal
from safelight.rules import AttributeRule, Operation, RuleSet
from safelight.rules.attributes import DATE_VRS
from safelight.rules.unlisted_attributes import is_safe_private
from safelight.standard.attribute_categories import is_constant_date
from safelight.standard.options import Option
from safelight.text.dates.hints import NO_HINTS, DateHints
from safelight.text.known.known_phi import KnownPHI

_BYTES_VRS = BULK_VRS | {"UN"}
#: VRs of a private value in which a sender may write a UID, since the VR may be a dictionary's.
_UNREAD_VRS = _BYTES_VRS | NUMBER_LAYOUTS.keys()
_BLANK_BYTES = b"\0\t\n\f\r \\"
_DATE_BYTES = re.compile(rb"[0-9.+\- \\\0]*")

#: Operations of a rules file whose new value need not fit the VR.
_UNCHECKED_OPERATIONS = (
    Operation.LITERAL, Operation.TOKEN, Operation.NAME, Operation.PATIENT_ID, Operation.HASH,
    Operation.LOOKUP, Operation.TEXT,
)  # fmt: skip
#: Operations whose new value may be a binary number.
_OPERATIONS_ON_NUMBERS = (Operation.LITERAL, Operation.LOOKUP, Operation.TEXT)
#: Value of ``Action.action`` by operation, for operations that replace values.
_DONE_BY_OPERATION = {
    Operation.SHIFT: "shifted",
    Operation.UID: "replaced",
    Operation.PATIENT_ID: "tokenised",
    Operation.TOKEN: "tokenised",
    Operation.NAME: "tokenised",
    Operation.AGE: "generalised",
    Operation.HASH: "tokenised",
    Operation.LOOKUP: "replaced",
    Operation.TEXT: "replaced",
    Operation.LITERAL: "replaced",
}

#: Numbers of at most so many bytes are searched for plain text only, which is faster.
_MAX_FEW_NUMBERS_BYTES = 16
#: Sizes of numbers that can have six digits.
_WIDE_NUMBER_BYTES = (4, 8)
#: Private numbers are searched from this length on, because some of them are texts.
_MAX_FEW_PRIVATE_BYTES = 7


class ElementWriter:
    """Writer of the values of one patient's elements.

    Parameters
    ----------
    rules : RuleSet
        Gives the text policy and the style of names.
    known : KnownPHI
        Identifying values of the object, which are searched for in all other values.
    patient : Patient
        Pseudonym and date shift.
    pseudonyms : Pseudonyms
        Derives UIDs and tokens.
    hints : DateHints
        Facts about the dates of the object that a text may leave open.
    """

    def __init__(
        self,
        rules: RuleSet,
        known: KnownPHI,
        patient: Patient,
        pseudonyms: Pseudonyms,
        hints: DateHints = NO_HINTS,
    ):
        self.rules = rules
        self.known = known
        self.patient = patient
        self.replacer = ValueReplacer(rules, known, patient, pseudonyms)
        self._text_cleaner = ElementTextCleaner(rules, known, patient, pseudonyms, hints)
        self._known_numbers = collect_known_numbers(known.values)
        self._binary_numbers = KnownNumbers(self._known_numbers)
        self._dummies = dict(rules.dummies)
        self._maps_uids = Option.RETAIN_UIDS not in rules.options

    def edit(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> ElementEdit | None:
        """Return the edit of one element that is not a sequence; None keeps its bytes.

        Parameters
        ----------
        element : Element
            The element.
        vr : str
            VR of the element, or of the dictionary if the object states UN.
        rule : AttributeRule
            Rule of the element.
        context : DatasetContext
            The data set or item that holds it.
        log : ChangeLog
            Receives the flag ``read_text``.

        Returns
        -------
        ElementEdit or None
        """
        tag, operation = element.tag, rule.operation
        if operation is Operation.KEEP:
            return self._check_kept(element, vr, rule, context, log)
        if operation is Operation.CLEAN:
            return self._clean(element, vr, rule, context, log)
        raw = context.data[element.value : element.stop]
        if operation is Operation.SHIFT and is_constant_date(tag) and self._is_constant(raw):
            return None
        location = format_tag_path(context.path, tag)
        if operation is Operation.EMPTY:
            if not raw:
                return None
            action = make_action(location, element, vr, "emptied", rule)
            return ElementEdit(context.encoding.element(tag, vr, b""), (action,))
        if operation is Operation.DUMMY:
            return self._replace_by_dummy(element, vr, rule, context)
        if operation is Operation.TRANSFORM:
            return self._transform(element, vr, rule, context, log)
        return self._replace(element, vr, rule, context, log)

    def _is_constant(self, raw: bytes) -> bool:
        """Return whether a value consists of dates, none of which is a birth date of the object."""
        return _DATE_BYTES.fullmatch(raw) is not None and not self.replacer.holds_birth_date(raw)

    def _holds_known_number(self, raw: bytes, vr: str, context: DatasetContext) -> bool:
        """Return whether numbers, as characters or in binary, have a known number among them."""
        if vr in ALLOWED_BYTES:
            return not is_number_safe(raw, vr, self._known_numbers)
        return self._binary_numbers.occur_in(raw, vr, context.encoding.order)

    def _check_kept(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> ElementEdit | None:
        """Return the edit of a kept value: None if it is valid for its VR and holds no PHI."""
        tag, raw = element.tag, context.data[element.value : element.stop]
        order = context.encoding.order
        if tag >> 16 & 1 and len(raw) in _WIDE_NUMBER_BYTES:
            # The VR of an implicit value is that of a dictionary, and may be one of texts.
            if self._binary_numbers.occur_in(raw, "UN", order):
                return self._apply_fallback(element, vr, rule, context)
        if vr in TEXT_CHECKED_VRS:
            return self._clean(element, vr, rule, context, log)
        if tag >> 16 & 1 and vr in _UNREAD_VRS and self._maps_uids and holds_instance_uid(raw):
            if vr != "UN" or not is_uid(raw):
                return self._apply_fallback(element, vr, rule, context)
            return self.edit(element, vr, replace(rule, operation=Operation.UID), context, log)
        if VR_BY_TAG[tag] in NUMBER_LAYOUTS and vr in STRING_VRS and vr not in ("IS", "DS"):
            return self._apply_fallback(element, vr, rule, context)
        if vr in ALLOWED_BYTES:
            return self._check_kept_string(element, vr, rule, context, log)
        if self._binary_numbers.occur_in(raw, vr, order):
            return self._apply_fallback(element, vr, rule, context)
        if vr in NUMBER_LAYOUTS and (most := find_max_values(tag)) is not None:
            size = most * NUMBER_BYTES[vr]
            if len(raw) > size and holds_word(raw[size:]):
                return self._cut_values(element, vr, rule, context, size)
        if self._are_bytes_safe(tag, raw, vr, rule):
            return None
        return self._apply_fallback(element, vr, rule, context)

    def _check_kept_string(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> ElementEdit | None:
        """Return the edit of a kept date, number or UID, in characters."""
        raw = context.data[element.value : element.stop]
        is_private_date = element.tag >> 16 & 1 and vr in DATE_VRS
        if is_private_date and self.replacer.holds_birth_date(raw):
            return self._apply_fallback(element, vr, rule, context)
        if is_number_safe(raw, vr, self._known_numbers):
            return None
        if vr == "UI" and not raw.translate(None, ALLOWED_BYTES["UI"]):
            return self.edit(element, vr, replace(rule, operation=Operation.UID), context, log)
        return self._apply_fallback(element, vr, rule, context)

    def _are_bytes_safe(self, tag: int, raw: bytes, vr: str, rule: AttributeRule) -> bool:
        """Return whether binary numbers or bytes hold neither text nor a known value."""
        few = _MAX_FEW_PRIVATE_BYTES if tag >> 16 & 1 else _MAX_FEW_NUMBERS_BYTES
        is_samples = vr in _BYTES_VRS or vr in NUMBER_LAYOUTS and len(raw) > few
        if is_samples and tag not in PIXEL_DATA_TAGS:
            if self.known.occurs_in(raw) or (vr in _BYTES_VRS and self._is_text(raw, vr)):
                return False
            is_private_bytes = tag >> 16 & 1 and vr in _BYTES_VRS
            if is_private_bytes and any(map(self.known.occurs_in, iterate_readings(raw))):
                return False
        if not tag >> 16 & 1 and vr not in NUMBER_LAYOUTS:
            return True
        return is_binary_value_safe(raw, vr, self.known, is_safe_private(rule))

    def _is_text(self, raw: bytes, vr: str) -> bool:
        """Return whether bytes are a text, or numbers that are the characters of a known value."""
        return (vr in BULK_VRS and is_hidden_text(raw)) or are_known_letters(raw, self.known)

    def _cut_values(
        self, element: Element, vr: str, rule: AttributeRule, context: DatasetContext, size: int
    ) -> ElementEdit:
        """Return the edit of a number with text after the values that PS3.6 allows."""
        data = context.data[element.value : element.value + size]
        if holds_word(data) or not is_binary_value_safe(data, vr, self.known):
            return self._apply_fallback(element, vr, rule, context)
        location = format_tag_path(context.path, element.tag)
        action = make_action(location, element, vr, "cleaned", rule)
        return ElementEdit(context.encoding.element(element.tag, vr, data), (action,))

    # ------------------------------------------------------------------ values with a new value

    def _replace(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> ElementEdit | None:
        """Return the edit of an element that gets a new value."""
        tag, operation = element.tag, rule.operation
        location = format_tag_path(context.path, tag)
        if operation is Operation.QUARANTINE:
            raise refuse(rule)
        is_number = vr in NUMBER_LAYOUTS and operation in _OPERATIONS_ON_NUMBERS
        if operation not in _DONE_BY_OPERATION or not (is_number or vr in STRING_VRS or vr == "UN"):
            # The rule expects a sequence or a string, and the value is neither.
            return self._apply_fallback(element, vr, rule, context)
        text = _decode(context.data[element.value : element.stop], vr, context)
        if not text.strip():
            return None
        if operation is Operation.LOOKUP or operation is Operation.TEXT:
            log.reads_object = True
            new, mappings = self.replacer.compose(text, tag, vr, rule, context.object_values)
        else:
            new, mappings = self.replacer.replace(text, tag, vr, rule)
        if new is None:
            return self._apply_fallback(element, vr, rule, context)
        if new == text:
            return None
        if operation in _UNCHECKED_OPERATIONS and not can_hold(vr, new):
            if operation is Operation.LITERAL:
                raise _invalid_value_refusal(location, vr, rule)
            return self._apply_fallback(element, vr, rule, context)
        encoded = _encode(new, vr, context)
        if encoded is None:
            return self._apply_fallback(element, vr, rule, context)
        return ElementEdit(
            context.encoding.element(tag, vr, encoded),
            (make_action(location, element, vr, _DONE_BY_OPERATION[operation], rule),),
            mappings,
        )

    # ------------------------------------------------------------------ functions of the rules

    def _transform(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> ElementEdit | None:
        """Change each value by a function of the rules file.

        A text is checked as a kept text first. The value of an attribute that identifies the
        patient would be found in itself, so the new value is checked instead.
        """
        tag, encoding = element.tag, context.encoding
        raw = context.data[element.value : element.stop]
        findings: tuple[Finding, ...] = ()
        if vr in TEXT_CHECKED_VRS and tag not in IDENTIFYING_ATTRIBUTES:
            kept_rule = replace(rule, operation=Operation.KEEP)
            checked = self._check_kept(element, vr, kept_rule, context, log)
            if checked is not None:
                if checked.actions[0].action != "cleaned":
                    return checked
                raw, findings = (
                    checked.data[len(encoding.element(tag, vr, b"")) :],
                    checked.findings,
                )
        new = None
        if not self._holds_known_number(raw, vr, context):
            new = self._transform_values(raw, tag, vr, rule, context)
        if new is None:
            return self._apply_fallback(element, vr, rule, context, findings)
        data = encoding.element(tag, vr, new)
        if data == context.data[element.start : element.stop]:
            return None
        location = format_tag_path(context.path, tag)
        done = "shifted" if rule.is_perturbed else "generalised"
        action = make_action(location, element, vr, done, rule)
        return ElementEdit(data, (action,), (), findings)

    # ------------------------------------------------------------------ free text

    def _transform_values(
        self, raw: bytes, tag: int, vr: str, rule: AttributeRule, context: DatasetContext
    ) -> bytes | None:
        """Return the new encoded values; None if one is not valid or identifies the patient."""
        if vr not in STRING_VRS and vr not in NUMBER_LAYOUTS:
            return None
        new = self.replacer.transform(_decode(raw, vr, context), tag, vr, rule)
        if new is None or (vr in STRING_VRS and not can_hold(vr, new)):
            return None
        return _encode(new, vr, context)

    # ------------------------------------------------------------------ free text

    def _clean(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> ElementEdit | None:
        """Return the edit of a text from which known values and findings are removed."""
        tag, raw = element.tag, context.data[element.value : element.stop]
        values = split_text_values(raw, vr, context.text_encodings)
        if not any(map(str.strip, values)):
            # Readers take a value that begins with a NUL character for empty, whatever follows.
            is_empty = not raw.translate(None, _BLANK_BYTES)
            return None if is_empty else self._apply_fallback(element, vr, rule, context)
        if self._text_cleaner.must_remove(tag, raw, rule, context):
            return self._apply_fallback(element, vr, rule, context)
        cleaned = self._text_cleaner.clean(values, tag, vr, rule, context, log)
        if cleaned is None:
            return self._apply_fallback(element, vr, rule, context)
        new, findings = cleaned
        if "\\".join(new) == character_sets.decode(raw, vr, context.text_encodings):
            return None
        if not any(new):
            return self._apply_fallback(element, vr, rule, context, findings)
        if tag == PATIENT_ID:  # a placeholder would be the same for several patients
            new = [self.patient.pseudonym]
        encoded = character_sets.encode("\\".join(new), vr, context.text_encodings)
        action = make_action(format_tag_path(context.path, tag), element, vr, "cleaned", rule)
        return ElementEdit(context.encoding.element(tag, vr, encoded), (action,), (), findings)

    # ------------------------------------------------------------------ values without a value

    def _apply_fallback(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        findings: tuple[Finding, ...] = (),
    ) -> ElementEdit:
        """Return the edit for a value to which the rule cannot be applied: never the value."""
        fallback = rule.fallback
        if fallback is Operation.DUMMY:
            return self._replace_by_dummy(element, vr, rule, context)._replace(findings=findings)
        if fallback is Operation.EMPTY:
            data, done = context.encoding.element(element.tag, vr, b""), "emptied"
        else:
            data, done = b"", "removed"
        location = format_tag_path(context.path, element.tag)
        return ElementEdit(data, (make_action(location, element, vr, done, rule),), (), findings)

    def _replace_by_dummy(
        self, element: Element, vr: str, rule: AttributeRule, context: DatasetContext
    ) -> ElementEdit:
        value = (
            make_structural_value(element.tag, vr, context.encoding) if context.dummied else None
        )
        if value is None:
            value = self._make_dummy_value(element, vr, context)
        new = context.encoding.element(element.tag, vr, value)
        location = format_tag_path(context.path, element.tag)
        return ElementEdit(new, (make_action(location, element, vr, "dummied", rule),))

    def _make_dummy_value(self, element: Element, vr: str, context: DatasetContext) -> bytes:
        """Return a dummy value of the VR."""
        value = make_dummy_value(vr, context.encoding, self._dummies)
        if vr in NUMBER_LAYOUTS:  # some attributes require more than one number
            value *= max(1, (element.stop - element.value) // len(value))
        return value


def _decode(raw: bytes, vr: str, context: DatasetContext) -> str:
    """Return all values of a string or of binary numbers as one text."""
    if vr in NUMBER_LAYOUTS:
        return format_numbers(raw, vr, context.encoding)
    return character_sets.decode(raw, vr, context.text_encodings)


def _encode(text: str, vr: str, context: DatasetContext) -> bytes | None:
    """Return the encoded values of a text; None if a binary number cannot hold one."""
    if vr in NUMBER_LAYOUTS:
        return encode_numbers(text.split("\\"), vr, context.encoding)
    return character_sets.encode(text, vr, context.text_encodings)


def _invalid_value_refusal(location: str, vr: str, rule: AttributeRule) -> Refusal:
    return Refusal(
        Reason.INVALID_VALUE,
        f"the rules give {location} a value that its VR {vr} cannot hold; correct the rule "
        f"{rule.source}, which `safelight rules lint` shows",
    )
