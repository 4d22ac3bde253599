"""Parsed object on which the checks of the verifier run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pydicom.dataset import FileDataset

from safelight.verify.codestream_comments import read_comments
from safelight.verify.decoded_contents import find_decoded_texts, find_inflated_bytes
from safelight.verify.elements import (
    BYTE_VRS,
    FREE_TEXT_VRS,
    PIXEL_TAGS,
    LeafElement,
    find_printable_runs,
    iterate_elements,
)
from safelight.verify.object_reader import UnreadableError, parse_object

#: Description of the second pass of a release to a recipient.
_SECOND_PASS = re.compile(r"Safelight \S+ second pass for a recipient")
_METHOD_CODE_LOCATION = re.compile(r"\(0012,0064\)\[\d+\]\.\(0008,0100\)")


@dataclass(frozen=True)
class DicomObject:
    """Parsed object. It holds values and must not be logged.

    Attributes
    ----------
    data : bytes
        The file.
    dataset : FileDataset
    elements : tuple of LeafElement
        Elements at all nesting levels, without the sequences themselves.
    file_meta : tuple of LeafElement
        Elements of the File Meta Information.
    """

    data: bytes
    dataset: FileDataset
    elements: tuple[LeafElement, ...]
    file_meta: tuple[LeafElement, ...]

    @staticmethod
    def parse(data: bytes, force: bool = False) -> DicomObject:
        """Parse a file. Call it within `safelight.verify.object_reader.silence_pydicom`.

        Parameters
        ----------
        data : bytes
        force : bool
            Whether preamble and File Meta Information may be missing.

        Raises
        ------
        UnreadableError
        """
        dataset = parse_object(data, force)
        try:
            file_meta = tuple(iterate_elements(dataset.file_meta)) if dataset.file_meta else ()
            elements = tuple(iterate_elements(dataset))
        except MemoryError:
            raise
        except Exception as error:  # pydicom raises many types, whose messages quote values
            raise UnreadableError(type(error).__name__) from None
        return DicomObject(data, dataset, elements, file_meta)

    def get_text(self, location: str) -> str:
        """Return the first value of the element at a tag path; empty if there is none."""
        for element in self.elements:
            if element.location == location:
                return element.texts[0].strip("\0 ") if element.texts else ""
        return ""

    def group_by_pairing_path(self) -> dict[str, list[LeafElement]]:
        """Return the elements by `LeafElement.pairing_path`."""
        groups = defaultdict(list)
        for element in self.elements:
            groups[element.pairing_path].append(element)
        return groups

    @property
    def method_codes(self) -> frozenset[str]:
        """Codes of the De-identification Method Code Sequence (0012,0064)."""
        return frozenset(
            text.strip()
            for element in self.elements
            if _METHOD_CODE_LOCATION.fullmatch(element.location)
            for text in element.texts
        )

    @cached_property
    def is_of_second_pass(self) -> bool:
        """True if De-identification Method (0012,0063) says that a recipient got new tokens."""
        return any(
            _SECOND_PASS.fullmatch(text.strip("\0 "))
            for element in self.elements
            if element.location == "(0012,0063)"
            for text in element.texts
        )

    @cached_property
    def comments(self) -> tuple[tuple[str, str], ...]:
        """Location and text of comments in compressed frames, also those of icons."""
        return tuple(
            (f"{element.location} comment", text)
            for element in self.elements
            if element.tag in PIXEL_TAGS
            for text in dict.fromkeys(read_comments(element.value_bytes))
        )

    @cached_property
    def decoded_texts(self) -> tuple[tuple[str, str], ...]:
        """Location and text of what free texts and private elements have in an encoded form."""
        return tuple(
            (f"{element.location} decoded", text)
            for element in self.elements
            if element.is_private or element.vr in FREE_TEXT_VRS
            for text in dict.fromkeys(_decode_element(element))
        )

    @property
    def pixel_bytes(self) -> bytes:
        """Value of the top-level pixel data; empty if there is none."""
        for element in self.elements:
            if element.tag in PIXEL_TAGS and "." not in element.location:
                return element.value_bytes
        return b""


def _decode_element(element: LeafElement) -> Iterator[str]:
    """Yield the texts that are encoded in the values of an element."""
    for text in element.texts:
        yield from find_decoded_texts(text)
    if element.vr in BYTE_VRS:
        for content in find_inflated_bytes(element.value_bytes):
            yield from find_printable_runs(content)
