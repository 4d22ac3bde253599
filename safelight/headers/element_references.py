"""Read the elements of an object that conditions, composed values and lookups refer to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_BY_TAG, find_private_vr
from safelight.dicom.elements import Element, ElementReader, Item
from safelight.dicom.encoding import IMPLICIT_LITTLE, STRING_VRS, Encoding
from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import SPECIFIC_CHARACTER_SET
from safelight.dicom.values import choose_vr, format_numbers
from safelight.records import Refusal
from safelight.rules.references import parse_reference
from safelight.rules.selectors import Selector


class ReferenceReader:
    """Reader of values of one source object by reference. HOLDS PHI.

    Parameters
    ----------
    parsed : ParsedObject
        The source object.
    """

    def __init__(self, parsed: ParsedObject):
        self._parsed = parsed

    @cached_property
    def _text_encodings(self) -> tuple[str, ...]:
        terms = self._parsed.raw(SPECIFIC_CHARACTER_SET).decode("latin-1").rstrip("\0 ")
        return character_sets.find_text_encodings(terms)

    def read(self, reference: str) -> str:
        r"""Return the value of an element as text; empty if the object does not have it.

        Parameters
        ----------
        reference : str
            Keyword, tag, private element or path; see `safelight.rules.references`.

        Returns
        -------
        str
            PHI. Several values, and the values of several items, are joined by ``\``.
        """
        selector = parse_reference(reference)
        if len(selector.steps) == 1 and selector.tag is not None:
            element = self._parsed.find(selector.tag)
            return "" if element is None else self._decode(element, VR_BY_TAG[selector.tag])
        parts = self._read_level(self._parsed.elements, selector, 0, self._parsed.encoding)
        return "\\".join(part for part in parts if part)

    def _read_level(
        self, elements: list[Element], selector: Selector, depth: int, encoding: Encoding
    ) -> Iterator[str]:
        """Yield the values of one step of a path and of the steps after it."""
        step, is_last = selector.steps[depth], depth == len(selector.steps) - 1
        creators: dict[int, str] = {}
        for element in elements:
            group, number = element.tag >> 16, element.tag & 0xFFFF
            expected = VR_BY_TAG[element.tag]
            if group & 1:
                if 0x10 <= number <= 0xFF:
                    creators[group << 8 | number] = self._decode(element, "LO").strip()
                    continue
                creator = creators.get(group << 8 | number >> 8)
                if creator is None or not step.matches_private(creator, group, number & 0xFF):
                    continue
                expected = find_private_vr(creator, element.tag)
            elif not step.matches(element.tag, expected):
                continue
            if is_last:
                yield self._decode(element, expected)
                continue
            item_encoding = IMPLICIT_LITTLE if element.vr == "UN" else encoding
            for item in self._read_items(element, item_encoding, depth):
                yield from self._read_level(item.elements, selector, depth + 1, item_encoding)

    def _read_items(self, element: Element, encoding: Encoding, depth: int) -> list[Item]:
        """Return the items of a sequence; none of an element with a value."""
        if element.items is not None or element.vr not in ("SQ", "UN"):
            return element.items or []
        try:
            reader = ElementReader(self._parsed.data)
            return reader.read_items(element, element.stop, encoding, depth)[0]
        except Refusal:
            if element.vr == "SQ":
                raise
            return []  # the bytes of UN are not a sequence

    def _decode(self, element: Element, expected: str) -> str:
        """Return the value of an element that is not a sequence."""
        raw = self._parsed.data[element.value : element.stop]
        vr = expected if element.vr == "UN" else choose_vr(element.vr, expected)
        if vr in STRING_VRS:
            return character_sets.decode(raw, vr, self._text_encodings)
        return format_numbers(raw, vr, self._parsed.encoding)
