"""VR and keyword of an element from the data dictionary (PS3.6), by integer tag."""

from __future__ import annotations

from pydicom import datadict
from pydicom._dicom_dict import DicomDictionary


class _Vrs(dict[int, str]):
    """Tag → VR; where PS3.6 allows several, the first; unknown → UN."""

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


VR_OF: dict[int, str] = _Vrs({tag: entry[0][:2] for tag, entry in DicomDictionary.items()})
#: In implicit VR pixel data are OW whatever the depth (PS3.5, annex A.1).
VR_OF[0x7FE00010] = "OW"


def keyword_of(tag: int) -> str:
    """PS3.6 keyword, or an empty string for private and unknown elements."""
    return datadict.keyword_for_tag(tag)


def private_vr(creator: str, tag: int) -> str:
    """VR of a private element by its creator, UN if the dictionary does not know it."""
    try:
        return datadict.private_dictionary_VR(tag, creator)[:2]
    except KeyError:
        return "UN"
