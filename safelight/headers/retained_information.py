"""Classify what an element of the new object still says, for the labels of the object.

The labels (PS3.15, section E.1.1) and the codes of CID 7050 must follow from what was done to one
object. Each element whose value is not removed or replaced therefore adds a flag: the option of
PS3.15, section E.3, that allows the value, or the fact that none does.
"""

from __future__ import annotations

from enum import IntFlag, auto
from functools import reduce
from operator import or_
from typing import TypeAlias

from safelight.rules.attributes import DATE_VRS, FREE_TEXT_VRS
from safelight.rules.operations import Operation
from safelight.rules.profile import ENCAPSULATED_DOCUMENT
from safelight.standard.attribute_categories import (
    is_class_uid_attribute,
    is_constant_date,
    is_direct_identifier,
    is_identifying_attribute,
)
from safelight.standard.confidentiality import ProfileRow, find_row
from safelight.standard.options import Option


class Retained(IntFlag):
    """Information that an object still holds.

    Attributes
    ----------
    DIRECT_IDENTIFIER
        Original value of an attribute that identifies a person by itself.
    BEYOND_PROFILE
        Original value that Table E.1-1 removes or replaces and that no option retains.
    ORIGINAL_DATE, ORIGINAL_TIME
        Date, or time of day, as it was.
    SHIFTED_DATE, CONSISTENT_TIME
        Shifted date; time of day that a shift by whole days does not change.
    CLEANED_TEXT, UNREAD_TEXT
        Description that was cleaned; description that nothing has read.
    REDUCED_DATE
        Date that was reduced to a year, quarter, month or day.
    GRAPHICS, PATIENT, DEVICE, INSTITUTION, UIDS, SAFE_PRIVATE
        Information of the option with this name.
    """

    DIRECT_IDENTIFIER = auto()
    BEYOND_PROFILE = auto()
    ORIGINAL_DATE = auto()
    ORIGINAL_TIME = auto()
    SHIFTED_DATE = auto()
    CONSISTENT_TIME = auto()
    CLEANED_TEXT = auto()
    UNREAD_TEXT = auto()
    GRAPHICS = auto()
    PATIENT = auto()
    DEVICE = auto()
    INSTITUTION = auto()
    UIDS = auto()
    SAFE_PRIVATE = auto()
    REDUCED_DATE = auto()


NOTHING = Retained(0)

#: Flags as a number: operations on a flag take ten times as long, and each object needs many.
RetainedBits: TypeAlias = int

_FLAG_BY_OPTION = {
    Option.RETAIN_PATIENT_CHARACTERISTICS: Retained.PATIENT,
    Option.RETAIN_DEVICE_IDENTITY: Retained.DEVICE,
    Option.RETAIN_INSTITUTION_IDENTITY: Retained.INSTITUTION,
    Option.RETAIN_UIDS: Retained.UIDS,
    Option.CLEAN_GRAPHICS: Retained.GRAPHICS,
    Option.CLEAN_DESCRIPTORS: Retained.CLEANED_TEXT,
    Option.CLEAN_STRUCTURED_CONTENT: Retained.CLEANED_TEXT,
}

#: Operations after which a value may still hold something of the original. A tuple is searched
#: faster than a set, because the members of an enumeration are hashed by Python code.
RETAINING_OPERATIONS = (
    Operation.KEEP, Operation.AGE, Operation.SHIFT, Operation.CLEAN, Operation.TRANSFORM,
)  # fmt: skip


def classify_standard(
    tag: int, vr: str, operation: Operation, is_read: bool, options: frozenset[Option]
) -> RetainedBits:
    """Return what a standard element still says after an operation that retains its value.

    Parameters
    ----------
    tag : int
    vr : str
    operation : Operation
        One of :data:`RETAINING_OPERATIONS`.
    is_read : bool
        Whether recognizers and the text model have read a kept text.
    options : frozenset of Option
        Selected options. They are preferred if several options allow the value.

    Returns
    -------
    int
        Bits of :class:`Retained`.
    """
    return _classify_standard(tag, vr, operation, is_read, options).value


def _classify_standard(
    tag: int, vr: str, operation: Operation, is_read: bool, options: frozenset[Option]
) -> Retained:
    if vr in DATE_VRS:
        return _classify_date(tag, vr, operation)
    if operation is Operation.SHIFT:
        return Retained.SHIFTED_DATE
    row = find_row(tag)
    if row is None:
        found = _classify_unlisted(tag, vr)
    else:
        found = _classify_row(row, operation, is_read, options)
    if operation is Operation.CLEAN:
        return found | Retained.CLEANED_TEXT if vr in FREE_TEXT_VRS else found
    if vr == "PN" or is_direct_identifier(tag) or tag == ENCAPSULATED_DOCUMENT:
        found |= Retained.DIRECT_IDENTIFIER | Retained.BEYOND_PROFILE
    return found


def classify_private(vr: str, operation: Operation, is_safe: bool) -> RetainedBits:
    """Return what a private element still says after an operation that retains its value.

    Parameters
    ----------
    vr : str
    operation : Operation
        Operation on the value; any other than :data:`RETAINING_OPERATIONS` has replaced it.
    is_safe : bool
        Whether the element is in the list of safe private elements (PS3.15, Table E.3.10-1).

    Returns
    -------
    int
        Bits of :class:`Retained`.
    """
    found = Retained.SAFE_PRIVATE if is_safe else Retained.BEYOND_PROFILE
    if operation in RETAINING_OPERATIONS and vr in DATE_VRS:
        found |= _classify_date(0, vr, operation)
    elif operation is Operation.SHIFT:
        found |= Retained.SHIFTED_DATE
    elif vr == "PN" and operation is Operation.KEEP:
        found |= Retained.DIRECT_IDENTIFIER
    return found.value


def _classify_date(tag: int, vr: str, operation: Operation) -> Retained:
    if is_constant_date(tag):
        return NOTHING
    is_shifted = operation is Operation.SHIFT
    if operation is Operation.TRANSFORM:
        reduced = Retained.CONSISTENT_TIME if vr == "TM" else Retained.REDUCED_DATE
        return reduced | Retained.BEYOND_PROFILE
    if vr == "TM":
        found = Retained.CONSISTENT_TIME if is_shifted else Retained.ORIGINAL_TIME
    else:
        found = Retained.SHIFTED_DATE if is_shifted else Retained.ORIGINAL_DATE
    row = find_row(tag) if tag else None
    if not is_shifted and row is not None and Option.RETAIN_LONG_FULL_DATES not in row.options:
        found |= Retained.BEYOND_PROFILE
    return found


def _classify_row(
    row: ProfileRow, operation: Operation, is_read: bool, options: frozenset[Option]
) -> Retained:
    """Return the options of a row of Table E.1-1 that allow the value."""
    letters = ("K", "C") if is_read or operation is Operation.CLEAN else ("K",)
    for letter in letters:
        allowing = [option for option, code in row.options.items() if code == letter]
        flags = {_FLAG_BY_OPTION[option] for option in allowing if option in _FLAG_BY_OPTION}
        chosen = {_FLAG_BY_OPTION[o] for o in allowing if o in options and o in _FLAG_BY_OPTION}
        if flags:
            return reduce(or_, chosen or flags)
    if operation is Operation.CLEAN:
        return NOTHING
    if Option.CLEAN_DESCRIPTORS in row.options:
        return Retained.BEYOND_PROFILE | Retained.UNREAD_TEXT
    return Retained.BEYOND_PROFILE


def _classify_unlisted(tag: int, vr: str) -> Retained:
    """Return what an attribute says that Table E.1-1 does not list."""
    if is_identifying_attribute(tag):
        return Retained.BEYOND_PROFILE
    if vr == "UI" and not is_class_uid_attribute(tag):
        return Retained.UIDS
    if vr == "AS":
        return Retained.PATIENT
    return NOTHING
