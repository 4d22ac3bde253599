"""Read the elements of an object that conditions, composed values and lookups refer to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_BY_TAG, find_private_vr
from safelight.dicom.elements import Element, Item
from safelight.dicom.encoding import (
    IMPLICIT_LITTLE,
    NUMBER_LAYOUTS,
    STRING_VRS,
    Encoding,
    format_tag_path,
)
from safelight.dicom.items import read_sequence
from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import SPECIFIC_CHARACTER_SET
from safelight.dicom.values import choose_vr, format_numbers
from safelight.records import Refusal
from safelight.rules.conditions import EMPTY_VALUE
from safelight.rules.references import SIBLING_PREFIX, THIS, parse_reference
from safelight.rules.selectors import PathStep, Selector


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
    def _top_level(self) -> LevelReader:
        terms = self._parsed.raw(SPECIFIC_CHARACTER_SET).decode("latin-1").rstrip("\0 ")
        text_encodings = character_sets.find_text_encodings(terms)
        return LevelReader(self._parsed.data, self._parsed.encoding, text_encodings)

    def read(self, reference: str) -> str:
        r"""Return the value of an element as text; empty if the object does not have the element.

        Parameters
        ----------
        reference : str
            Keyword, tag, private element or path; see `safelight.rules.references`.

        Returns
        -------
        str
            PHI. Several values, and the values of several items, are joined by ``\``. The text of
            a sequence is its number of items, and that of a binary value its number of bytes.
            An element without a value has the text `EMPTY_VALUE`.
        """
        selector = parse_reference(reference, by_number=True)
        if len(selector.steps) == 1 and selector.tag is not None and not selector.tag >> 16 & 1:
            element = self._parsed.find(selector.tag)
            return "" if element is None else self._top_level.decode(element) or EMPTY_VALUE
        return self._top_level.read(self._parsed.elements, selector)

    def read_beside(self, reference: str, tag: int) -> str:
        """Return the text of ``this`` or of an element beside it, for an element of the top level.

        Parameters
        ----------
        reference : str
            ``this``, or a reference with the prefix ``./``.
        tag : int
            Tag of the element that is ``this``.
        """
        if reference == THIS:
            return self.read(format_tag_path("", tag))
        return self.read(reference.removeprefix(SIBLING_PREFIX))


class LevelReader(NamedTuple):
    """Reader of values in a data set or item. HOLDS PHI.

    Attributes
    ----------
    data : bytes
        The bytes that the offsets of elements refer to.
    encoding : Encoding
        Encoding of the elements.
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.
    """

    data: bytes
    encoding: Encoding
    text_encodings: tuple[str, ...]

    def read(self, elements: Sequence[Element], selector: Selector) -> str:
        """Return the values that a reference names, below the elements of one level.

        Parameters
        ----------
        elements : sequence of Element
        selector : Selector
            The parsed reference.
        """
        parts = list(self._read_step(elements, selector, 0))
        return "\\".join(filter(None, parts)) or (EMPTY_VALUE if parts else "")

    def read_sibling(self, elements: Sequence[Element], reference: str) -> str:
        """Return the values of a reference with the prefix ``./`` among the elements of an item.

        Parameters
        ----------
        elements : sequence of Element
            Elements of the item.
        reference : str
        """
        selector = parse_reference(reference.removeprefix(SIBLING_PREFIX), by_number=True)
        return self.read(elements, selector)

    def _read_step(
        self, elements: Sequence[Element], selector: Selector, depth: int
    ) -> Iterator[str]:
        """Yield the values of one step of a path and of the steps after it."""
        step, is_last = selector.steps[depth], depth == len(selector.steps) - 1
        creators: dict[int, str] = {}
        for element in elements:
            expected = self._match(element, step, creators)
            if expected is None:
                continue
            if is_last:
                yield self.decode(element, expected)
                continue
            inner = self._replace(encoding=IMPLICIT_LITTLE) if element.vr == "UN" else self
            for item in self._read_items(element, depth):
                yield from inner._read_step(item.elements, selector, depth + 1)

    def _match(self, element: Element, step: PathStep, creators: dict[int, str]) -> str | None:
        """Return the VR of the dictionary for an element that a step selects; None for others."""
        tag, number = element.tag, element.tag & 0xFFFF
        if not tag >> 16 & 1:
            expected = VR_BY_TAG[tag]
            return expected if step.matches(tag, expected) else None
        if number <= 0xFF:
            creators[tag] = self.decode(element, "LO").strip()
            is_creator = step.private_digits and step.matches_private("", tag >> 16, number)
            return "LO" if is_creator else None
        creator = creators.get(tag & 0xFFFF0000 | number >> 8)
        is_named = (creator is not None or bool(step.private_digits)) and step.matches_private(
            creator or "", tag >> 16, number
        )
        return find_private_vr(creator or "", tag) if is_named else None

    def _read_items(self, element: Element, depth: int) -> list[Item]:
        """Return the items of a sequence; none of an element with a value."""
        if element.items is not None or element.vr not in ("SQ", "UN"):
            return element.items or []
        try:
            return read_sequence(self.data, element, self.encoding, depth).items
        except Refusal:
            if element.vr == "SQ":
                raise
            return []  # the bytes of UN are not a sequence

    def decode(self, element: Element, expected: str = "") -> str:
        """Return the value of an element, or the size of one that is neither text nor number.

        Parameters
        ----------
        element : Element
        expected : str
            VR of the dictionary (default: that of the standard attribute).
        """
        expected = expected or VR_BY_TAG[element.tag]
        raw = self.data[element.value : element.stop]
        vr = expected if element.vr == "UN" else choose_vr(element.vr, expected)
        if vr in STRING_VRS:
            return character_sets.decode(raw, vr, self.text_encodings)
        if vr in NUMBER_LAYOUTS:
            return format_numbers(raw, vr, self.encoding)
        if vr == "UN" and element.items is None and _is_text(raw):
            return raw.decode("ascii")
        if vr != "SQ" and element.items is None:
            return str(len(raw)) if raw else ""
        items = self._read_items(element, 0)
        return str(len(items)) if items else ""


def _is_text(raw: bytes) -> bool:
    """Return whether the bytes of an unknown VR are a printable text."""
    text = raw.rstrip(b"\0 ")
    return text.isascii() and text.decode("ascii").isprintable()
