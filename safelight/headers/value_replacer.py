"""Derive the new values of an element from its values: pseudonyms, shifted dates, lookups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from safelight.dicom.encoding import SINGLE_VALUE_VRS
from safelight.dicom.tags import (
    PATIENT_ID,
    PATIENT_NAME,
    SERIES_INSTANCE_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
)
from safelight.headers.content_dates import CONTENT_DATE_TAGS
from safelight.headers.element_additions import derive_missing
from safelight.headers.new_values import (
    cap_age,
    hash_value,
    replace_uid,
    shift_value,
    tokenize_identifier,
)
from safelight.headers.object_values import ObjectValues
from safelight.headers.perturbation import Perturbation
from safelight.headers.text_collection import TEXT_CHECKED_VRS
from safelight.headers.value_transformations import generalise_date, transform_value
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import PseudonymMapping
from safelight.rules import AttributeRule, Operation, RuleSet
from safelight.rules.action_parameters import ActionParameters
from safelight.text.generalization import oldest_birth_year
from safelight.text.known.known_phi import KnownPHI
from safelight.text.surrogates.names import name_token, surrogate_name

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
#: Parameters of a hash whose rule has none.
_LONGEST_HASH = ActionParameters("hash", length=64)

#: Birth dates: the years of persons over 89 become one year.
_BIRTH_DATE_TAGS = frozenset({0x00100030})

_Replace: TypeAlias = "Callable[[ValueReplacer, str, int, str], str | None]"
_Replaced: TypeAlias = tuple[str | None, tuple[PseudonymMapping, ...]]


class ValueReplacer:
    """Derives the new values of one patient's elements.

    Parameters
    ----------
    rules : RuleSet
        Gives the precision of dates and the style of names.
    known : KnownPHI
        Identifying values of the object.
    patient : Patient
        Pseudonym and date shift.
    pseudonyms : Pseudonyms
        Derives UIDs and tokens.
    """

    def __init__(self, rules: RuleSet, known: KnownPHI, patient: Patient, pseudonyms: Pseudonyms):
        self._rules = rules
        self._known = known
        self._patient = patient
        self._pseudonyms = pseudonyms
        self._perturbation = Perturbation(patient, pseudonyms)
        self._birth_dates = frozenset(
            value.text.encode("ascii", "replace")
            for value in known.values
            if value.subtype == "birth_date" and value.text
        )

    def holds_birth_date(self, raw: bytes) -> bool:
        """Return whether bytes hold a birth date of the object."""
        return any(day in raw for day in self._birth_dates)

    def replace(self, text: str, tag: int, vr: str, rule: AttributeRule) -> _Replaced:
        """Replace each value by a pseudonym, a shifted date or a literal.

        Parameters
        ----------
        text : str
            All values of the element, decoded. PHI.
        tag : int
        vr : str
        rule : AttributeRule
            Rule of the element.

        Returns
        -------
        str or None
            New text; None if a value is not valid.
        tuple of PseudonymMapping
            Pairs for the mapping.
        """
        operation = rule.operation
        if operation is Operation.LITERAL:
            return rule.argument or "", ()
        if operation is Operation.HASH:
            parameters = rule.parameters or _LONGEST_HASH
            replace_value: _Replace = lambda replacer, value, _tag, vr: hash_value(  # noqa: E731
                value, vr, parameters.length, replacer._pseudonyms, parameters.prefix
            )
        else:
            replace_value = _REPLACEMENTS[operation]
        default_kind = "uid" if operation is Operation.UID else "id"
        kind = _MAPPING_KIND_BY_OPERATION.get(operation) or _MAPPING_KIND_BY_TAG.get(
            tag, default_kind
        )
        new: list[str] = []
        mappings: list[PseudonymMapping] = []
        for value in _split(text, vr):
            replaced = replace_value(self, value, tag, vr)
            if replaced is None:
                return None, ()
            original = value.strip()
            if operation in _MAPPED_OPERATIONS and original and replaced != original:
                mappings.append(PseudonymMapping(kind, original, replaced, self._patient.pseudonym))
            new.append(replaced)
        return "\\".join(new), tuple(mappings)

    def compose(
        self, text: str, tag: int, vr: str, rule: AttributeRule, values: ObjectValues | None
    ) -> _Replaced:
        """Look up or compose a text from values of the object.

        Parameters
        ----------
        text : str
            All values of the element, decoded. PHI.
        tag : int
        vr : str
        rule : AttributeRule
            Rule of the element.
        values : ObjectValues or None
            Values of the object.

        Returns
        -------
        str or None
            New text; None if the table or the object has none.
        tuple of PseudonymMapping
            Pairs for the mapping.
        """
        parameters = rule.parameters
        if values is None or parameters is None:
            return None, ()
        if rule.operation is Operation.TEXT:
            return values.compose(parameters, vr), ()
        found = values.look_up(parameters, text)
        new = derive_missing(found, vr, self._pseudonyms)
        if found.value is None and found.missing == "derive":
            if tag == PATIENT_ID:
                new = self._patient.pseudonym
            elif vr == "PN":
                new = self._replace_name(text, tag)
        if new is None:
            return None, ()
        kind = _MAPPING_KIND_BY_TAG.get(tag, "patient_id" if tag == PATIENT_ID else "id")
        return new, (PseudonymMapping(kind, text.strip(), new, self._patient.pseudonym),)

    def transform(self, text: str, tag: int, vr: str, rule: AttributeRule) -> str | None:
        """Change each value by a function of the rules file.

        Parameters
        ----------
        text : str
            All values of the element, decoded. PHI.
        tag : int
        vr : str
        rule : AttributeRule
            Rule of the element.

        Returns
        -------
        str or None
            New text; None if a value is not valid or identifies the patient.
        """
        if rule.parameters is None:
            return None
        new: list[str] = []
        for value in _split(text, vr):
            changed = self.compute(value, tag, vr, rule.parameters)
            if changed is None:
                return None
            if tag in _BIRTH_DATE_TAGS and changed.strip():
                changed = f"{max(int(changed[:4]), oldest_birth_year()):04d}{changed[4:]}"
            if vr in TEXT_CHECKED_VRS and not rule.is_explicit and self._known.find(changed):
                return None
            new.append(changed)
        return "\\".join(new)

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
        if moved and vr == "DT" and self._rules.date_precision != "day":
            return generalise_date(moved, vr, self._rules.date_precision)
        return moved

    def _shift(self, value: str, tag: int, vr: str) -> str | None:
        """Return a shifted date or time; of a birth date in a content tree only the year."""
        shifted = shift_value(value, vr, self._patient.shift_days) if value.strip() else ""
        if shifted and self._rules.date_precision != "day" and vr != "TM":
            return generalise_date(shifted, vr, self._rules.date_precision)
        if (
            shifted
            and tag in CONTENT_DATE_TAGS
            and self.holds_birth_date(value.encode("ascii", "replace"))
        ):
            return f"{max(int(shifted[:4]), oldest_birth_year()):04d}0101"
        return shifted

    def _replace_name(self, value: str, tag: int) -> str:
        """Return a surrogate or a token; the token of the patient is the pseudonym."""
        if not value.strip("^= "):
            return ""
        if self._rules.name_style == "surrogate":
            return surrogate_name(value, self._pseudonyms, self._patient)
        if tag == PATIENT_NAME:
            return self._patient.pseudonym
        return name_token(value, self._pseudonyms)


def _split(text: str, vr: str) -> Sequence[str]:
    return (text,) if vr in SINGLE_VALUE_VRS else text.split("\\")


#: Functions of replacer, value, tag and VR that return the new value, or None if it is not valid.
_REPLACEMENTS: dict[Operation, _Replace] = {
    Operation.SHIFT: ValueReplacer._shift,
    Operation.UID: lambda replacer, value, _tag, _vr: replace_uid(value, replacer._pseudonyms),
    Operation.PATIENT_ID: lambda replacer, _value, _tag, _vr: replacer._patient.pseudonym,
    Operation.TOKEN: lambda replacer, value, _tag, vr: tokenize_identifier(
        value, vr, replacer._pseudonyms
    ),
    Operation.NAME: lambda replacer, value, tag, _vr: replacer._replace_name(value, tag),
    Operation.AGE: lambda _replacer, value, _tag, _vr: cap_age(value),
}
