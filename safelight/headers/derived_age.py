"""Derive Patient's Age (0010,1010) from dates of the source, before rules remove or shift them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, Optional, TypeAlias

from safelight.dicom.encoding import format_tag_path
from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import PATIENT_AGE, PATIENT_BIRTH_DATE, STUDY_DATE
from safelight.headers.date_shift import CONSTANT_DATES
from safelight.headers.new_values import cap_age
from safelight.headers.retained_information import RetainedBits, classify_standard
from safelight.records import Action
from safelight.rules import AttributeRule, CompiledLevel, Operation
from safelight.rules.action_parameters import ActionParameters
from safelight.standard.options import Option

#: Whole years of ages in years; younger patients have an age in months, as in PS3.3, C.7.2.2.
_FIRST_AGE_IN_YEARS = 2

#: Years above which a birth date is taken for a mistake.
_MAX_AGE_YEARS = 130

_MONTHS_PER_YEAR = 12

#: Function of value, tag, VR and parameters that returns the result of a function of the rules.
Compute: TypeAlias = Callable[[str, int, str, ActionParameters], Optional[str]]


class DerivedAge(NamedTuple):
    """An age that the source does not state.

    Attributes
    ----------
    text : str
        Value of the VR AS, after the rule for ages.
    action : Action
        Row for ``audit``.
    retained : int
        Bits of what the age says.
    """

    text: str
    action: Action
    retained: RetainedBits


def derive_age(
    parsed: ParsedObject, level: CompiledLevel, options: frozenset[Option], compute: Compute
) -> Optional[DerivedAge]:
    """Return the age at the study, if rules keep ages and remove the birth date.

    Parameters
    ----------
    parsed : ParsedObject
        The source object.
    level : CompiledLevel
        Rules of the top level.
    options : frozenset of Option
        Selected options.
    compute : callable
        Applies a function of the rules to an age.

    Returns
    -------
    DerivedAge or None
        None if the object has an age, or lacks one of the dates.
    """
    element = parsed.find(PATIENT_AGE)
    if element is not None and parsed.text(PATIENT_AGE):
        return None
    rule = level.rules[PATIENT_AGE]
    if rule.operation not in _OPERATIONS_ON_AGES:
        return None
    if level.rules[PATIENT_BIRTH_DATE].operation is Operation.KEEP:
        return None
    age = _parse_and_count(parsed.text(PATIENT_BIRTH_DATE), parsed.text(STUDY_DATE))
    text = _apply_rule(age, rule, compute) if age is not None else None
    if not text:
        return None
    action = Action(
        format_tag_path("", PATIENT_AGE), "PatientAge", "AS", "inserted", rule.source,
        "from the birth date and the study date",
    )  # fmt: skip
    retained = classify_standard(PATIENT_AGE, "AS", rule.operation, False, options)
    return DerivedAge(text, action, retained)


#: Operations that keep an age.
_OPERATIONS_ON_AGES = (Operation.KEEP, Operation.AGE, Operation.TRANSFORM)


def _apply_rule(age: str, rule: AttributeRule, compute: Compute) -> Optional[str]:
    """Return the age that a rule leaves; None for no age."""
    if rule.operation is Operation.AGE:
        return cap_age(age)
    if rule.operation is Operation.KEEP or rule.parameters is None:
        return age
    return compute(age, PATIENT_AGE, "AS", rule.parameters)


def count_age(birth: date, day: date) -> Optional[str]:
    """Return the age on a day as a value of the VR AS; None if it is not plausible.

    Parameters
    ----------
    birth, day : date
        Date of birth, and the day.
    """
    months = (day.year - birth.year) * _MONTHS_PER_YEAR + day.month - birth.month
    months -= day.day < birth.day
    years = months // _MONTHS_PER_YEAR
    if not 0 <= months or years > _MAX_AGE_YEARS:
        return None
    return f"{years:03d}Y" if years >= _FIRST_AGE_IN_YEARS else f"{months:03d}M"


@lru_cache(maxsize=1024)
def _parse_and_count(birth: str, study: str) -> Optional[str]:
    """Return the age of two values of the VR DA; None if one of them is not a date."""
    born, day = _parse_date(birth), _parse_date(study)
    return count_age(born, day) if born is not None and day is not None else None


def _parse_date(text: str) -> Optional[date]:
    if text in CONSTANT_DATES:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None
