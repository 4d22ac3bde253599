"""What an original says of its patient, as values to be searched for in the output.

Thresholds. A value is searched for everywhere only if a chance hit is unlikely: name parts of
at least three letters (two where the script is not Latin) that are no word of the DICOM
dictionary; identifiers of at least four characters with a digit, or six without; other text
of at least five characters. Numbers and codes (IS, DS, CS) are searched only for identifiers
of eight characters or more.
What is shorter is still caught where it matters most: the same value at the same place
(see ``leaks.check_unchanged_values``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import LeafElement
from safelight.verify.identifiers import (
    fold,
    is_public_uid,
    load_identifiers,
    load_neutral_dates,
    load_neutral_words,
    load_vocabulary,
)
from safelight.verify.object_structure import RETAIN_UIDS

_NAME_SPLIT = re.compile(r"[\s^=,._\-/()\[\]{}'\"]+")
#: Generations in the suffix of a name; leads, stages and cranial nerves are counted so too.
_NUMERALS = frozenset({"iii", "vii", "viii"})
_FULL_DATE = re.compile(r"(?:^|(?<=-))(\d{4})\.?(\d{2})\.?(\d{2})")


@dataclass(frozen=True)
class OriginalValue:
    """One original value. PHI.

    Attributes
    ----------
    kind : str
        ``name``, ``id``, ``text`` or ``uid``.
    text : str
        Folded: case and white space do not count.
    source : str
        Where it stands in the original.
    """

    kind: str
    text: str
    source: str

    @property
    def numbers_too(self) -> bool:
        """Whether it is long enough to be searched for in numeric values."""
        return self.kind == "id" and len(self.text) >= 8

    @property
    def spellings(self) -> frozenset[bytes]:
        """Ways it may stand in bytes: upper and lower case, three encodings."""
        found = set()
        for text in (self.text, self.text.upper(), self.text.title()):
            for encoding in ("utf-8", "latin-1", "utf-16-le"):
                try:
                    found.add(text.encode(encoding))
                except UnicodeEncodeError:
                    continue
        return frozenset(found)


def collect_original_values(
    original: DicomObject, codes: frozenset[str]
) -> frozenset[OriginalValue]:
    """Every value of an original that must not stand anywhere in its output.

    Parameters
    ----------
    original : DicomObject
    codes : frozenset of str
        CID 7050 codes in force; what they grant is not searched for.
    """
    expected = load_identifiers()
    found: dict[tuple[str, str], OriginalValue] = {}
    for node in original.nodes:
        identifier = expected.get(node.keyword)
        if identifier is not None and identifier.granted_by & codes:
            continue
        if node.vr == "PN":
            needles = _names(node)
        elif node.vr == "UI":
            needles = _uids(node) if RETAIN_UIDS not in codes else iter(())
        elif identifier is not None and identifier.search == "id":
            needles = _identifiers(node)
        elif identifier is not None and identifier.search == "text":
            needles = _texts(node)
        else:
            continue
        for needle in needles:
            found.setdefault((needle.kind, needle.text), needle)
    return frozenset(found.values())


def _names(node: LeafElement) -> Iterator[OriginalValue]:
    for value in node.texts:
        for group in value.split("="):
            parts = [fold(part) for part in _NAME_SPLIT.split(group.strip("\0 ")) if part]
            whole = " ".join(parts)
            if len(parts) > 1 and len(whole) >= 5 and not set(parts) <= load_vocabulary():
                yield OriginalValue("name", whole, node.location)
                if len(parts) == 2:
                    yield OriginalValue("name", f"{parts[1]} {parts[0]}", node.location)
            for part in parts:
                if _tells_a_name(part):
                    yield OriginalValue("name", part, node.location)


def _tells_a_name(part: str) -> bool:
    if part in load_vocabulary() or part in _NUMERALS or (part.isdigit() and len(part) < 6):
        return False
    latin = all("LATIN" in unicodedata.name(c, "LATIN") for c in part)
    return len(part) >= (3 if latin else 2)


def _identifiers(node: LeafElement) -> Iterator[OriginalValue]:
    for value in node.texts:
        text = fold(value.strip("\0 "))
        long_enough = len(text) >= (4 if any(c.isdigit() for c in text) else 6)
        if long_enough and text.strip("0.-") and not _is_common(text):
            yield OriginalValue("id", text, node.location)


def _texts(node: LeafElement) -> Iterator[OriginalValue]:
    for value in node.texts:
        text = fold(value.strip("\0 "))
        if len(text) >= 5 and text.strip("0.-") and not _is_common(text):
            yield OriginalValue("text", text, node.location)


def _is_common(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text)
    only_words = not any(c.isdigit() for c in text)
    return text in load_neutral_words() or (only_words and set(words) <= load_vocabulary())


def _uids(node: LeafElement) -> Iterator[OriginalValue]:
    for value in node.texts:
        uid = value.strip("\0 ")
        # Fewer than four components name an organisation's root or nothing, not an object.
        if uid.count(".") >= 3 and len(uid) >= 10 and not is_public_uid(uid, node.keyword):
            yield OriginalValue("uid", uid, node.location)


def iterate_dates(nodes: Iterable[LeafElement]) -> Iterator[tuple[str, str]]:
    """Full dates of date elements: path shared by original and output, ``YYYYMMDD``."""
    for node in nodes:
        if node.vr in ("DA", "DT") and not node.keyword.startswith("ContextGroup"):
            for text in node.texts:
                for parts in _FULL_DATE.findall(text):
                    if "".join(parts) not in load_neutral_dates():
                        yield node.pair, "".join(parts)
