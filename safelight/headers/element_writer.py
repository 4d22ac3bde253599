"""Apply one rule to the value of one element."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_BY_TAG, find_max_values
from safelight.dicom.elements import Element
from safelight.dicom.encoding import (
    BULK_VRS,
    MAX_CHARACTERS,
    NUMBER_BYTES,
    NUMBER_LAYOUTS,
    SINGLE_VALUE_VRS,
    STRING_VRS,
    format_tag_path,
)
from safelight.dicom.tags import (
    PATIENT_ID,
    PATIENT_NAME,
    PIXEL_DATA_TAGS,
    SERIES_INSTANCE_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
)
from safelight.dicom.value_formats import can_hold
from safelight.dicom.values import encode_numbers, format_numbers, split_text_values
from safelight.headers.binary_values import (
    are_known_letters,
    holds_word,
    is_binary_value_safe,
)
from safelight.headers.conditional_elements import refuse
from safelight.headers.content_dates import CONTENT_DATE_TAGS
from safelight.headers.dummy_values import make_dummy_value, make_structural_value
from safelight.headers.element_additions import derive_missing
from safelight.headers.finding_filter import filter_findings
from safelight.headers.known_numbers import KnownNumbers
from safelight.headers.models import ChangeLog, DatasetContext, ElementEdit, make_action
from safelight.headers.new_values import (
    cap_age,
    hash_value,
    replace_uid,
    shift_value,
    tokenize_identifier,
)
from safelight.headers.patient_identity import IDENTIFYING_ATTRIBUTES
from safelight.headers.perturbation import Perturbation
from safelight.headers.residual_phi import (
    ALLOWED_BYTES,
    collect_known_numbers,
    find_known_in_code,
    is_contact_detail,
    is_manufacturer_name,
    is_number_safe,
    is_small_number,
    residual_phi_refusal,
)
from safelight.headers.retained_information import Retained
from safelight.headers.text_collection import CODED_VRS, TEXT_CHECKED_VRS, is_rechecked
from safelight.headers.text_in_bytes import is_compressed, is_hidden_text
from safelight.headers.value_transformations import generalise_date, transform_value
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, PseudonymMapping, Reason, Refusal, Span
from safelight.rules import AttributeRule, Operation, Recheck, RuleSet, TextPolicy
from safelight.rules.action_parameters import ActionParameters
from safelight.rules.attributes import DATE_VRS
from safelight.rules.unlisted_attributes import SAFE_PRIVATE_SOURCE
from safelight.standard.attribute_categories import (
    is_constant_date,
    is_product_attribute,
    is_shared_text,
)
from safelight.text.dates.hints import NO_HINTS, DateHints
from safelight.text.generalization import oldest_birth_year
from safelight.text.known.known_phi import KnownPHI
from safelight.text.replacement import replace_spans
from safelight.text.surrogates.names import name_token, surrogate_name

_BYTES_VRS = BULK_VRS | {"UN"}
_BLANK_BYTES = b"\0\t\n\f\r \\"
_DATE_BYTES = re.compile(rb"[0-9.+\- \\\0]*")

_MAPPING_KIND_BY_TAG = {
    STUDY_INSTANCE_UID: "study_uid",
    SERIES_INSTANCE_UID: "series_uid",
    SOP_INSTANCE_UID: "sop_uid",
    0x00080050: "accession",
    0x00200010: "study_id",
}
_MAPPING_KIND_BY_OPERATION = {
    Operation.PATIENT_ID: "patient_id",
    Operation.NAME: "name",
}
#: Operations whose original values are recorded in the mapping.
_MAPPED_OPERATIONS = frozenset(
    {
        Operation.UID,
        Operation.PATIENT_ID,
        Operation.TOKEN,
        Operation.NAME,
        Operation.HASH,
        Operation.LOOKUP,
    }
)
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

#: Parameters of a hash whose rule has none.
_LONGEST_HASH = ActionParameters("hash", length=64)

#: Birth dates: the years of persons over 89 become one year.
_BIRTH_DATE_TAGS = frozenset({0x00100030})


_Replacer: TypeAlias = "Callable[[ElementWriter, str, int, str], str | None]"

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
        self.hints = hints
        self.rules = rules
        self.known = known
        self.patient = patient
        self.pseudonyms = pseudonyms
        self._known_numbers = collect_known_numbers(known.values)
        self._perturbation = Perturbation(patient, pseudonyms)
        self._binary_numbers = KnownNumbers(self._known_numbers)
        self._dummies = dict(rules.dummies)
        self._shared_text_policy = _mask_dates(rules.text)
        self._birth_dates = frozenset(
            value.text.encode("ascii", "replace")
            for value in known.values
            if value.subtype == "birth_date" and value.text
        )

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
        return _DATE_BYTES.fullmatch(raw) is not None and not self._holds_birth_date(raw)

    def _holds_birth_date(self, raw: bytes) -> bool:
        return any(day in raw for day in self._birth_dates)

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
        if is_private_date and self._holds_birth_date(raw):
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
        if not tag >> 16 & 1 and vr not in NUMBER_LAYOUTS:
            return True
        return is_binary_value_safe(raw, vr, self.known, _is_safe_private(rule))

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
        raw = context.data[element.value : element.stop]
        if is_number:
            text = format_numbers(raw, vr, context.encoding)
        else:
            text = character_sets.decode(raw, vr, context.text_encodings)
        if not text.strip():
            return None
        if operation is Operation.LOOKUP or operation is Operation.TEXT:
            log.reads_object = True
            new, mappings = self._compose(text, tag, vr, rule, context)
        else:
            new, mappings = self._replace_values(text, tag, vr, rule)
        if new is None:
            return self._apply_fallback(element, vr, rule, context)
        if new == text:
            return None
        if operation in _UNCHECKED_OPERATIONS and not can_hold(vr, new):
            if operation is Operation.LITERAL:
                raise _invalid_value_refusal(location, vr, rule)
            return self._apply_fallback(element, vr, rule, context)
        if is_number:
            encoded = encode_numbers(new.split("\\"), vr, context.encoding)
        else:
            encoded = character_sets.encode(new, vr, context.text_encodings)
        if encoded is None:
            return self._apply_fallback(element, vr, rule, context)
        return ElementEdit(
            context.encoding.element(tag, vr, encoded),
            (make_action(location, element, vr, _DONE_BY_OPERATION[operation], rule),),
            mappings,
        )

    def _replace_values(
        self, text: str, tag: int, vr: str, rule: AttributeRule
    ) -> tuple[str | None, tuple[PseudonymMapping, ...]]:
        """Return the new text, None if a value is not valid, and the pairs for the mapping."""
        operation = rule.operation
        if operation is Operation.LITERAL:
            return rule.argument or "", ()
        if operation is Operation.HASH:
            parameters = rule.parameters or _LONGEST_HASH
            replace_value: _Replacer = lambda writer, value, _tag, vr: hash_value(  # noqa: E731
                value, vr, parameters.length, writer.pseudonyms, parameters.prefix
            )
        else:
            replace_value = _REPLACERS[operation]
        default_kind = "uid" if operation is Operation.UID else "id"
        kind = _MAPPING_KIND_BY_OPERATION.get(operation) or _MAPPING_KIND_BY_TAG.get(
            tag, default_kind
        )
        new: list[str] = []
        mappings: list[PseudonymMapping] = []
        for value in [text] if vr in SINGLE_VALUE_VRS else text.split("\\"):
            replaced = replace_value(self, value, tag, vr)
            if replaced is None:
                return None, ()
            original = value.strip()
            if operation in _MAPPED_OPERATIONS and original and replaced != original:
                mappings.append(PseudonymMapping(kind, original, replaced, self.patient.pseudonym))
            new.append(replaced)
        return "\\".join(new), tuple(mappings)

    def _compose(
        self, text: str, tag: int, vr: str, rule: AttributeRule, context: DatasetContext
    ) -> tuple[str | None, tuple[PseudonymMapping, ...]]:
        """Return a looked up or composed text, None if there is none, and pairs for the mapping."""
        values, parameters = context.object_values, rule.parameters
        if values is None or parameters is None:
            return None, ()
        if rule.operation is Operation.TEXT:
            return values.compose(parameters, vr), ()
        found = values.look_up(parameters, text)
        new = derive_missing(found, vr, self.pseudonyms)
        if found.value is None and found.missing == "derive":
            if tag == PATIENT_ID:
                new = self.patient.pseudonym
            elif vr == "PN":
                new = self._replace_name(text, tag)
        if new is None:
            return None, ()
        kind = _MAPPING_KIND_BY_TAG.get(tag, "patient_id" if tag == PATIENT_ID else "id")
        return new, (PseudonymMapping(kind, text.strip(), new, self.patient.pseudonym),)

    def _shift(self, value: str, tag: int, vr: str) -> str | None:
        """Return a shifted date or time; of a birth date in a content tree only the year."""
        shifted = shift_value(value, vr, self.patient.shift_days) if value.strip() else ""
        if shifted and self.rules.date_precision != "day" and vr != "TM":
            return generalise_date(shifted, vr, self.rules.date_precision)
        if (
            shifted
            and tag in CONTENT_DATE_TAGS
            and self._holds_birth_date(value.encode("ascii", "replace"))
        ):
            return f"{max(int(shifted[:4]), oldest_birth_year()):04d}0101"
        return shifted

    def _replace_name(self, value: str, tag: int) -> str:
        """Return a surrogate or a token; the token of the patient is the pseudonym."""
        if not value.strip("^= "):
            return ""
        if self.rules.name_style == "surrogate":
            return surrogate_name(value, self.pseudonyms, self.patient)
        if tag == PATIENT_NAME:
            return self.patient.pseudonym
        return name_token(value, self.pseudonyms)

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

    def compute(self, value: str, tag: int, vr: str, parameters: ActionParameters) -> str | None:
        """Return the result of a function of the rules file; None if it cannot be applied.

        Parameters
        ----------
        value : str
            One value, decoded. PHI.
        tag : int
        vr : str
        parameters : ActionParameters
        """
        if parameters.action != "perturb":
            return transform_value(value, vr, parameters)
        moved = self._perturbation.apply(value, tag, vr, parameters)
        if moved and vr == "DT" and self.rules.date_precision != "day":
            return generalise_date(moved, vr, self.rules.date_precision)
        return moved

    def _transform_values(
        self, raw: bytes, tag: int, vr: str, rule: AttributeRule, context: DatasetContext
    ) -> bytes | None:
        """Return the new encoded values; None if one is not valid or identifies the patient."""
        parameters = rule.parameters
        if parameters is None or (vr not in STRING_VRS and vr not in NUMBER_LAYOUTS):
            return None
        if vr in NUMBER_LAYOUTS:
            text = format_numbers(raw, vr, context.encoding)
        else:
            text = character_sets.decode(raw, vr, context.text_encodings)
        new: list[str] = []
        for value in [text] if vr in SINGLE_VALUE_VRS else text.split("\\"):
            changed = self.compute(value, tag, vr, parameters)
            if changed is None:
                return None
            if tag in _BIRTH_DATE_TAGS and changed.strip():
                changed = f"{max(int(changed[:4]), oldest_birth_year()):04d}{changed[4:]}"
            if vr in TEXT_CHECKED_VRS and not rule.is_explicit and self.known.find(changed):
                return None
            new.append(changed)
        if vr in NUMBER_LAYOUTS:
            return encode_numbers(new, vr, context.encoding)
        joined = "\\".join(new)
        if not can_hold(vr, joined):
            return None
        return character_sets.encode(joined, vr, context.text_encodings)

    # ------------------------------------------------------------------ free text

    def _clean(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> ElementEdit | None:
        """Replace the spans of the text model and the known values in a text.

        In a kept text that is rechecked, a finding with low confidence counts only if the
        attribute does not hold technical text. The rules may quarantine an object with a finding.
        """
        raw = context.data[element.value : element.stop]
        values = split_text_values(raw, vr, context.text_encodings)
        if not any(map(str.strip, values)):
            # Readers take a value that begins with a NUL character for empty, whatever follows.
            is_empty = not raw.translate(None, _BLANK_BYTES)
            return None if is_empty else self._apply_fallback(element, vr, rule, context)
        if self._cannot_clean(element, raw, rule, context):
            return self._apply_fallback(element, vr, rule, context)
        if _is_kept_by_name(rule) and any(map(self._identifies, values)):
            log.retained |= Retained.DIRECT_IDENTIFIER.value
        location = format_tag_path(context.path, element.tag)
        is_technical = rule.recheck is Recheck.CONFIDENT or vr == "CS"
        is_shared = is_technical or is_shared_text(element.tag)
        policy = self._shared_text_policy if is_shared else self.rules.text
        new: list[str] = []
        findings: list[Finding] = []
        for value in values:
            spans = self._find_known(element.tag, vr, value, rule)
            if self._needs_annotation(element.tag, vr, value, rule, context):
                log.read_text = True
                annotated = context.spans.get(value) if context.spans is not None else None
                if annotated is None:
                    return self._apply_fallback(element, vr, rule, context)
                spans = _except_kept_places(value, spans, annotated, self.rules.text)
                is_product = is_technical and is_product_attribute(element.tag)
                spans += filter_findings(value, vr, annotated, is_technical, is_product)
            if not spans:
                new.append(value)
                continue
            cleaned = replace_spans(
                value, spans, policy, self.pseudonyms, self.patient, hints=self.hints
            )
            findings += [
                Finding(location, done.entity, done.engine, done.confidence, done.text_hmac)
                for done in cleaned.applied
            ]
            # A mask is not valid in a coded string, so the whole value is removed.
            new.append("" if vr in CODED_VRS else cleaned.text[: MAX_CHARACTERS.get(vr)])
        is_kept = rule.operation is not Operation.CLEAN
        if findings and is_kept and self.rules.text.second_guess == "quarantine":
            raise residual_phi_refusal(location, findings[0].entity)
        if "\\".join(new) == character_sets.decode(raw, vr, context.text_encodings):
            return None
        if not any(new):
            return self._apply_fallback(element, vr, rule, context, tuple(findings))
        if element.tag == PATIENT_ID:  # a placeholder would be the same for several patients
            new = [self.patient.pseudonym]
        encoded = character_sets.encode("\\".join(new), vr, context.text_encodings)
        return ElementEdit(
            context.encoding.element(element.tag, vr, encoded),
            (make_action(location, element, vr, "cleaned", rule),),
            (),
            tuple(findings),
        )

    def _cannot_clean(
        self, element: Element, raw: bytes, rule: AttributeRule, context: DatasetContext
    ) -> bool:
        """Return whether a text must be removed completely.

        Without a text model a text cannot be cleaned. Text in an attribute of numbers is not
        valid, and a compressed stream cannot be read as text. If a known value has another
        character set than the stated one, other PHI in that character set would not be found. A
        contact detail alone in a safe private element is a value that its list does not declare.
        """
        if rule.operation is Operation.CLEAN and context.spans is None:
            return True
        if VR_BY_TAG[element.tag] in NUMBER_LAYOUTS or is_compressed(raw):
            return True
        if _is_safe_private(rule) and is_contact_detail(raw.decode("latin-1")):
            return True
        alternative = character_sets.decode_alternative(raw, context.text_encodings)
        return bool(self.known.find(alternative))

    def _find_known(self, tag: int, vr: str, value: str, rule: AttributeRule) -> list[Span]:
        """Return the known values in one value that count against it."""
        if not value.strip() or _is_kept_by_name(rule):
            return []
        if vr in CODED_VRS:
            spans = find_known_in_code(self.known, value)
        else:
            spans = self.known.find(value)
        if rule.operation is Operation.KEEP:
            spans = [span for span in spans if not is_small_number(value, span)]
            if is_product_attribute(tag):
                spans = [span for span in spans if not is_manufacturer_name(value, span)]
        return spans

    def _identifies(self, value: str) -> bool:
        """Return whether a value holds an identifier or a contact that another attribute has.

        A name may be that of a place, and part of a name is a coincidence.
        """
        return any(
            span.entity in ("ID", "CONTACT") and not is_small_number(value, span)
            for span in find_known_in_code(self.known, value)
        )

    def _needs_annotation(
        self, tag: int, vr: str, value: str, rule: AttributeRule, context: DatasetContext
    ) -> bool:
        """Return whether one value may be written only if the text model has annotated it."""
        if not value.strip():
            return False
        if rule.operation is not Operation.KEEP:
            return True
        return context.spans is not None and is_rechecked(self.rules, rule, tag, vr, value)

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


def _is_kept_by_name(rule: AttributeRule) -> bool:
    """Return whether the rules file keeps an identifying attribute by name."""
    return rule.is_explicit and rule.operation is Operation.KEEP


def _except_kept_places(
    text: str, known: list[Span], annotated: Sequence[Span], policy: TextPolicy
) -> list[Span]:
    """Return known values without the places in them that the policy keeps by name.

    In an address of which the rules keep the city and the ZIP code, the rest is still replaced.
    """
    kept = [
        span for span in annotated
        if span.subtype in policy.entities and policy.entities[span.subtype] == "keep"
    ]  # fmt: skip
    if not kept:
        return known
    left: list[Span] = []
    for span in known:
        begin = span.begin
        for inner in sorted(kept, key=lambda one: one.begin) if span.entity == "LOCATION" else ():
            if inner.begin < span.end and inner.end > begin:
                left += _trim_span(text, replace(span, begin=begin, end=max(begin, inner.begin)))
                begin = inner.end
        left += _trim_span(text, replace(span, begin=min(begin, span.end)))
    return left


def _mask_dates(policy: TextPolicy) -> TextPolicy:
    """Return the policy for texts that several patients share: a date is masked, never shifted."""
    entities = dict(policy.entities)
    for name, action in policy.entities.items():
        if action == "shift":
            entities[name] = "mask"
    return replace(policy, entities=entities)


def _trim_span(text: str, span: Span) -> list[Span]:
    """Return a span without punctuation at its ends; none if it holds no letter or digit."""
    begin, end = span.begin, span.end
    while begin < end and not text[begin].isalnum():
        begin += 1
    while end > begin and not text[end - 1].isalnum():
        end -= 1
    return [replace(span, begin=begin, end=end)] if begin < end else []


def _is_safe_private(rule: AttributeRule) -> bool:
    """Return whether a rule is made by the list of safe private elements."""
    return rule.source.startswith(SAFE_PRIVATE_SOURCE)


def _invalid_value_refusal(location: str, vr: str, rule: AttributeRule) -> Refusal:
    return Refusal(
        Reason.INVALID_VALUE,
        f"the rules give {location} a value that its VR {vr} cannot hold; correct the rule "
        f"{rule.source}, which `safelight rules lint` shows",
    )


#: Functions of writer, value, tag and VR that return the new value, or None if it is not valid.
_REPLACERS: dict[Operation, _Replacer] = {
    Operation.SHIFT: ElementWriter._shift,
    Operation.UID: lambda writer, value, _tag, _vr: replace_uid(value, writer.pseudonyms),
    Operation.PATIENT_ID: lambda writer, _value, _tag, _vr: writer.patient.pseudonym,
    Operation.TOKEN: lambda writer, value, _tag, vr: tokenize_identifier(
        value, vr, writer.pseudonyms
    ),
    Operation.NAME: lambda writer, value, tag, _vr: writer._replace_name(value, tag),
    Operation.AGE: lambda _writer, value, _tag, _vr: cap_age(value),
}
