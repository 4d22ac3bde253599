"""Read the items of sequences, and the text of the elements in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from safelight.dicom import character_sets
from safelight.dicom.elements import Element, ElementReader, Item
from safelight.dicom.encoding import BULK_VRS, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding
from safelight.dicom.tags import SPECIFIC_CHARACTER_SET
from safelight.records import Refusal

#: VRs of bytes that may be the items of a sequence which the writer did not know.
BYTES_VRS = BULK_VRS | {"UN"}
#: Item tag (FFFE,E000) in little and in big endian.
ITEM_TAGS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")


class SequenceItems(NamedTuple):
    """Items of one sequence.

    Attributes
    ----------
    items : list of Item
    encoding : Encoding
        Encoding of the items.
    """

    items: list[Item]
    encoding: Encoding


def read_sequence(
    data: bytes, sequence: Element, encoding: Encoding, depth: int = 0
) -> SequenceItems:
    """Return the items of a sequence.

    Parameters
    ----------
    data : bytes
        The bytes that the offsets of elements refer to.
    sequence : Element
        The sequence. The items of a sequence with VR UN are in Implicit VR Little Endian (PS3.5,
        section 6.2.2, note 2). Some writers use another encoding, so that bytes of defined length
        that are not a sequence in the expected encoding are read in the others.
    encoding : Encoding
        Encoding of the data set or item that holds the sequence.
    depth : int
        Number of sequences around the sequence.

    Returns
    -------
    SequenceItems

    Raises
    ------
    Refusal
        If the value cannot be read as items.
    """
    outer = encoding
    if sequence.vr == "UN":
        encoding = IMPLICIT_LITTLE
    items = sequence.items
    if items is not None:
        return SequenceItems(items, encoding)
    try:
        items, _ = ElementReader(data).read_items(sequence, sequence.stop, encoding, depth)
    except Refusal:
        if sequence.vr not in BYTES_VRS:
            raise
        others = {IMPLICIT_LITTLE, EXPLICIT_LITTLE, outer} - {encoding}
        found = _read_in_other_encodings(data, sequence, others, depth)
        if found is None:
            raise
        return found
    return SequenceItems(items, encoding)


def _read_in_other_encodings(
    data: bytes, sequence: Element, encodings: set[Encoding], depth: int
) -> SequenceItems | None:
    """Return the items in the first encoding in which the bytes are items; None if none is."""
    for encoding in sorted(encodings, key=lambda one: (not one.explicit, not one.little)):
        try:
            items, _ = ElementReader(data).read_items(sequence, sequence.stop, encoding, depth)
        except Refusal:
            continue
        return SequenceItems(items, encoding)
    return None


def holds_items(data: bytes, element: Element) -> bool:
    """Return whether the bytes of an element begin with an item, whatever its VR states.

    Parameters
    ----------
    data : bytes
        The bytes that the offsets of elements refer to.
    element : Element
        An element that is not of VR SQ. Fragments of encapsulated pixels are not items.

    Returns
    -------
    bool
    """
    if element.items is not None:
        return True
    if element.vr not in BYTES_VRS or element.undefined:
        return False
    return data.startswith(ITEM_TAGS, element.value, element.stop)


def find_item_encodings(
    data: bytes, elements: Sequence[Element], inherited: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the Python codecs of an item, which may have its own Specific Character Set.

    Parameters
    ----------
    data : bytes
        The bytes that the offsets of elements refer to.
    elements : sequence of Element
        Elements of the item.
    inherited : tuple of str
        Codecs of the data set or item around it.

    Returns
    -------
    tuple of str

    Raises
    ------
    Refusal
        If the Specific Character Set is unknown.
    """
    for element in elements:
        if element[0] == SPECIFIC_CHARACTER_SET:
            terms = data[element.value : element.stop].decode("latin-1").rstrip("\0 ")
            inherited = character_sets.find_text_encodings(terms)
    return inherited


@dataclass(frozen=True)
class ItemReader:
    """Reader of the text elements and sequences of one item or data set. HOLDS PHI.

    Attributes
    ----------
    data : bytes
        The bytes that the offsets of elements refer to.
    elements : sequence of Element
        Elements of the item.
    encoding : Encoding
        Encoding of the elements.
    text_encodings : tuple of str
        Python codecs of the item.
    depth : int
        Number of sequences around the item.
    """

    data: bytes
    elements: Sequence[Element]
    encoding: Encoding
    text_encodings: tuple[str, ...]
    depth: int = 0

    @cached_property
    def _index(self) -> dict[int, Element]:
        return {element[0]: element for element in self.elements}

    def read_text(self, tag: int, vr: str) -> str:
        """Return the value of an element without padding; empty if the element is absent.

        Parameters
        ----------
        tag : int
        vr : str
            VR by which the value is read.

        Returns
        -------
        str
        """
        element = self._index.get(tag)
        if element is None:
            return ""
        raw = self.data[element.value : element.stop]
        return character_sets.decode(raw, vr, self.text_encodings).strip()

    def read_items(self, tag: int) -> list[ItemReader]:
        """Return a reader for each item of a sequence; none if the sequence is absent.

        Parameters
        ----------
        tag : int

        Returns
        -------
        list of ItemReader

        Raises
        ------
        Refusal
            If the value cannot be read as items, or the Specific Character Set of an item is
            unknown.
        """
        sequence = self._index.get(tag)
        if sequence is None:
            return []
        items, encoding = read_sequence(self.data, sequence, self.encoding, self.depth)
        return [
            ItemReader(
                self.data,
                item.elements,
                encoding,
                find_item_encodings(self.data, item.elements, self.text_encodings),
                self.depth + 1,
            )
            for item in items
        ]
