"""Dummy values by VR for action D of PS3.15, section E.3."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

import yaml
from pydicom.datadict import tag_for_keyword

from safelight.dicom.encoding import NUMBER_LAYOUTS, Encoding

_STRING_BY_VR = {
    "AE": "ANONYMOUS",
    "AS": "000Y",
    "CS": "ANONYMOUS",
    "DA": "19000101",
    "DS": "0",
    "DT": "19000101000000",
    "IS": "0",
    "LO": "ANONYMOUS",
    "LT": "ANONYMOUS",
    "PN": "ANONYMOUS",
    "SH": "ANONYMOUS",
    "ST": "ANONYMOUS",
    "TM": "000000",
    "UC": "ANONYMOUS",
    "UI": "2.25.0",
    "UR": "about:blank",
    "UT": "ANONYMOUS",
}


_NO_OWN_VALUES: Mapping[str, str] = MappingProxyType({})


def make_dummy_value(
    vr: str, encoding: Encoding, own_values: Mapping[str, str] = _NO_OWN_VALUES
) -> bytes:
    """Return a dummy value that is valid for a VR.

    Parameters
    ----------
    vr : str
        Any VR except SQ. The elements of a sequence get dummy values instead.
    encoding : Encoding
        Gives the byte order of numbers.
    own_values : mapping of str to str
        Dummy values of a rule set by VR.

    Returns
    -------
    bytes
    """
    text = own_values.get(vr) or _STRING_BY_VR.get(vr)
    if text is not None:
        return text.encode("ascii")
    layout = NUMBER_LAYOUTS.get(vr)
    if layout is not None:
        return encoding.number(layout, 0)
    return b"\0" * 8 if vr in ("OD", "OV") else b"\0" * 4


class StructuralValues(NamedTuple):
    """Dummy values of attributes that describe structure, by tag.

    Attributes
    ----------
    kept : frozenset of int
        Attributes that keep the value of the object: counts, and links between items.
    values : mapping of int to str or int
        One of the Enumerated Values of an attribute.
    """

    kept: frozenset[int]
    values: Mapping[int, str | int]


@lru_cache(maxsize=1)
def load_structural_values() -> StructuralValues:
    """Return the dummy values for items of sequences that get dummy values.

    Raises
    ------
    ValueError
        If the data dictionary does not have a keyword of the file.
    """
    file = files("safelight.standard.data").joinpath("structural_values.yaml")
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return StructuralValues(
        frozenset(map(_find_tag, content["kept"])),
        {_find_tag(keyword): value for keyword, value in content["values"].items()},
    )


def _find_tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise ValueError(f"structural_values.yaml: unknown keyword {keyword}; correct it")
    return tag


def make_structural_value(tag: int, vr: str, encoding: Encoding) -> bytes | None:
    """Return the dummy value of an attribute that describes structure.

    Parameters
    ----------
    tag : int
        Attribute in an item of a sequence that gets dummy values.
    vr : str
        VR of the element.
    encoding : Encoding
        Gives the byte order of numbers.

    Returns
    -------
    bytes or None
        None if any value of the VR will do, or if the VR is not that of the attribute.
    """
    value = load_structural_values().values.get(tag)
    if isinstance(value, str):
        return value.encode("ascii") if vr == "CS" else None
    layout = NUMBER_LAYOUTS.get(vr)
    return None if layout is None or value is None else encoding.number(layout, value)
