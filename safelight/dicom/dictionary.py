"""Look up the VR of an element in the data dictionary (PS3.6) by its tag."""

from __future__ import annotations

from pydicom import datadict
from pydicom._dicom_dict import DicomDictionary


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
        self[tag] = vr = vr[:2]
        return vr


#: VR of each standard element by its tag.
VR_BY_TAG: dict[int, str] = _VrTable({tag: entry[0][:2] for tag, entry in DicomDictionary.items()})
# In implicit VR, Pixel Data is OW for every number of bits (PS3.5, annex A.1).
VR_BY_TAG[0x7FE00010] = "OW"


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
