"""One object as the check sees it: parsed once, then looked at by every check."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from pydicom.dataset import FileDataset

from safelight.verify.elements import PIXEL_TAGS, LeafElement, iterate_elements
from safelight.verify.object_reader import read_object

_CODES = re.compile(r"\(0012,0064\)\[\d+\]\.\(0008,0100\)")


@dataclass(frozen=True)
class DicomObject:
    """A parsed object. Holds values: never logged.

    Attributes
    ----------
    data : bytes
        The file.
    dataset : FileDataset
    nodes : tuple of LeafElement
        Every element at every depth, sequences themselves left out.
    meta : tuple of LeafElement
        File Meta Information.
    """

    data: bytes
    dataset: FileDataset
    nodes: tuple[LeafElement, ...]
    meta: tuple[LeafElement, ...]

    @staticmethod
    def parse(data: bytes, force: bool = False) -> DicomObject:
        """Parse a file, within :func:`safelight.verify.object_reader.silence_pydicom`.

        Raises
        ------
        UnreadableError
        """
        dataset = read_object(data, force)
        meta = tuple(iterate_elements(dataset.file_meta)) if dataset.file_meta else ()
        return DicomObject(data, dataset, tuple(iterate_elements(dataset)), meta)

    def text(self, location: str) -> str:
        """First value of the element at a tag path, or ``""``."""
        for node in self.nodes:
            if node.location == location:
                return node.texts[0].strip("\0 ") if node.texts else ""
        return ""

    def by_pair(self) -> dict[str, list[LeafElement]]:
        """Elements by the path that original and output share."""
        found = defaultdict(list)
        for node in self.nodes:
            found[node.pair].append(node)
        return found

    @property
    def codes(self) -> frozenset[str]:
        """The CID 7050 codes that the object claims."""
        return frozenset(
            text.strip()
            for node in self.nodes
            if _CODES.fullmatch(node.location)
            for text in node.texts
        )

    @property
    def pixel_bytes(self) -> bytes:
        """Value of the top-level pixel data; empty if there is none."""
        for node in self.nodes:
            if node.tag in PIXEL_TAGS and "." not in node.location:
                return node.raw
        return b""
