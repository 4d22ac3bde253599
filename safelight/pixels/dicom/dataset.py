"""Make a pydicom data set of the header of a parsed object."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Optional, cast

from pydicom.dataelem import DataElement, RawDataElement, empty_value_for_VR
from pydicom.dataset import Dataset
from pydicom.filereader import read_sequence
from pydicom.tag import BaseTag

from safelight.dicom.character_sets import find_text_encodings
from safelight.dicom.elements import Element
from safelight.dicom.encoding import UNDEFINED
from safelight.dicom.parser import ParsedObject

SPECIFIC_CHARACTER_SET = 0x00080005


def make_dataset(parsed: ParsedObject, elements: Iterable[Element]) -> Dataset:
    """Return some top-level elements of a parsed object as a pydicom data set.

    Parameters
    ----------
    parsed : ParsedObject
    elements : iterable of Element
        Elements of ``parsed``. Where several have one tag, the last one counts.

    Returns
    -------
    Dataset
        Values of defined length are converted at first access.

    Raises
    ------
    Refusal
        UNKNOWN_CHARACTER_SET.
    """
    encoding = parsed.encoding
    codecs = list(find_text_encodings(parsed.text(SPECIFIC_CHARACTER_SET)))
    found: dict[BaseTag, DataElement | RawDataElement] = {}
    for element in elements:
        tag = BaseTag(element.tag)
        value = parsed.data[element.value : element.stop]
        if element.items is not None:
            items = read_sequence(
                BytesIO(value), not encoding.explicit, encoding.little, UNDEFINED, codecs
            )
            found[tag] = DataElement(tag, "SQ", items, element.value, is_undefined_length=True)
            continue
        vr = _explicit_vr(parsed.data, element) if encoding.explicit else None
        found[tag] = RawDataElement(
            tag,
            vr,
            len(value),
            value or cast(Optional[bytes], empty_value_for_VR(vr, raw=True)),
            element.value,
            not encoding.explicit,
            encoding.little,
        )
    dataset = Dataset(found)
    dataset.set_original_encoding(not encoding.explicit, encoding.little, codecs)
    return dataset


def _explicit_vr(data: bytes, element: Element) -> str:
    """Return the VR in the bytes of an element, also one that no edition of PS3.5 defines."""
    return data[element.start + 4 : element.start + 6].decode("latin-1")
