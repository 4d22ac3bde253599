"""Look up the VR of an element in the data dictionary (PS3.6) by its tag."""

from __future__ import annotations

from functools import lru_cache

from pydicom import datadict
from pydicom._dicom_dict import DicomDictionary
from pydicom._private_dict import private_dictionaries

#: Number of tags outside PS3.6 whose VR is cached, so that objects with arbitrary tags cannot fill
#: the memory of a worker.
_MAX_CACHED_TAGS = 20_000


class _VrTable(dict[int, str]):
    """VR by tag: the first one if PS3.6 allows several, UN if the tag is unknown."""

    def __missing__(self, tag: int) -> str:
        try:
            vr = datadict.dictionary_VR(tag)  # repeating groups such as 60xx
        except KeyError:
            group, element = tag >> 16, tag & 0xFFFF
            if element == 0:
                vr = "UL"
            elif group & 1 and 0x10 <= element <= 0xFF:
                vr = "LO"  # private creator (PS3.5, section 7.8.1)
            else:
                vr = "UN"
        vr = vr[:2]
        if len(self) < _MAX_CACHED_TAGS:
            self[tag] = vr
        return vr


#: VR of each standard element by its tag.
VR_BY_TAG: dict[int, str] = _VrTable({tag: entry[0][:2] for tag, entry in DicomDictionary.items()})
# In implicit VR, Pixel Data is OW for every number of bits (PS3.5, annex A.1).
VR_BY_TAG[0x7FE00010] = "OW"


@lru_cache(maxsize=4096)
def find_max_values(tag: int) -> int | None:
    """Return the greatest number of values of a standard attribute; None if it has no limit.

    Parameters
    ----------
    tag : int
        Group and element number in one integer.
    """
    try:
        most = datadict.dictionary_VM(tag).rpartition("-")[2]
    except KeyError:
        return None
    return int(most) if most.isdigit() else None


def is_in_dictionary(tag: int) -> bool:
    """Return whether PS3.6 or PS3.10 has a tag, so that it holds nothing of a sender."""
    return datadict.dictionary_has_tag(tag)


def is_listed_creator(creator: str) -> bool:
    """Return whether the dictionary of private elements has a private creator.

    Parameters
    ----------
    creator : str
        Value of a private creator element, without padding.
    """
    return creator in private_dictionaries


def find_private_vr(creator: str, tag: int) -> str:
    """Return the VR of a private element of a private creator, or UN if it is unknown.

    The dictionary of private elements is that of pydicom.

    Parameters
    ----------
    creator : str
        Value of the private creator element that reserves the block (PS3.5, section 7.8.1).
    tag : int
        Group and element number in one integer, with the block number of the object.

    Returns
    -------
    str
        Two letters; the first VR if the dictionary allows several.
    """
    try:
        return datadict.private_dictionary_VR(tag, creator)[:2]
    except KeyError:
        return "UN"
