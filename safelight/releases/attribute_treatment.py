"""Decide how the second pass treats an attribute, from Table E.1-1 of PS3.15 and the VR."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Final

from pydicom.tag import Tag

from safelight.standard.attribute_categories import (
    is_class_uid_attribute,
    is_constant_date,
    is_identifying_attribute,
    is_shared_date,
)
from safelight.standard.confidentiality import find_row
from safelight.standard.options import Option

#: Columns of ``catalog`` that are generalised, by tag.
GENERALISED_COLUMNS: Final = {
    0x00100040: "patient_sex",
    0x00101010: "patient_age",
    0x00101020: "patient_size",
    0x00101030: "patient_weight",
    0x00102152: "region_of_residence",
    0x00102160: "ethnic_group",
    0x00180015: "body_part_examined",
    0x00081090: "manufacturer_model_name",
}

_TEXT_VRS: Final = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
_NUMBER_VRS: Final = frozenset({"DS", "IS", "US", "SS", "UL", "SL", "FL", "FD"})
_KEPT_BY_CHOICE: Final = frozenset(
    {Option.RETAIN_PATIENT_CHARACTERISTICS, Option.RETAIN_INSTITUTION_IDENTITY}
)


#: Its bytes are the same in all releases, by which two recipients could link the object.
_ENCRYPTED_ATTRIBUTES: Final = 0x04000500


class Treatment(Enum):
    """Treatment of an element by the second pass."""

    KEEP = "keep"
    UID = "uid"
    DATE = "date"
    TIME = "time"
    SHARED_DATE = "shared_date"
    PRIVATE = "private"
    IDENTIFIER = "identifier"
    DESCRIPTION = "description"
    QUASI_IDENTIFIER = "quasi_identifier"
    SEQUENCE = "sequence"
    REMOVE = "remove"


_BY_VR: Final = {
    "UI": Treatment.UID,
    "DA": Treatment.DATE,
    "DT": Treatment.DATE,
    "TM": Treatment.TIME,
    "SQ": Treatment.SEQUENCE,
}


@lru_cache(maxsize=65536)
def find_treatment(tag: int, vr: str) -> Treatment:
    """Return the treatment of an attribute.

    Parameters
    ----------
    tag : int
        Tag of the element.
    vr : str
        VR of the element.

    Returns
    -------
    Treatment
        ``SHARED_DATE`` for dates that several patients share, whose shift would link patients;
        ``IDENTIFIER`` for what the Basic Profile removes or replaces and no option describes or
        retains: the first pass may have left its own pseudonyms there.
    """
    if Tag(tag).is_private:
        return Treatment.PRIVATE
    if tag == _ENCRYPTED_ATTRIBUTES:
        return Treatment.REMOVE
    if is_shared_date(tag):
        return Treatment.SHARED_DATE
    if vr in _BY_VR:
        constant = (vr == "UI" and is_class_uid_attribute(tag)) or is_constant_date(tag)
        return Treatment.KEEP if constant else _BY_VR[vr]
    if tag in GENERALISED_COLUMNS:
        return Treatment.QUASI_IDENTIFIER
    return _find_text_treatment(tag, vr)


def _find_text_treatment(tag: int, vr: str) -> Treatment:
    """Return the treatment of a text or a number by its row of Table E.1-1."""
    row = find_row(tag)
    if row is None:
        identifying = vr in _TEXT_VRS and is_identifying_attribute(tag)
        return Treatment.IDENTIFIER if identifying else Treatment.KEEP
    if vr not in _TEXT_VRS | _NUMBER_VRS or _KEPT_BY_CHOICE & set(row.options):
        return Treatment.KEEP
    if Option.CLEAN_DESCRIPTORS in row.options and vr in _TEXT_VRS:
        return Treatment.DESCRIPTION
    return Treatment.IDENTIFIER
