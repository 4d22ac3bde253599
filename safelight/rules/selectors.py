"""Selectors: how a rules file names elements.

``Keyword`` (``*`` for any letters) · ``(gggg,eeee)`` with ``x`` for any digit ·
``(gggg,"CREATOR",ee)`` for private elements in whatever block · ``{VR}``. A selector holds at
the top level; ``*/`` before it means any depth, ``+/`` only inside sequences, and
``Sequence/Element`` names a path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom.datadict import keyword_for_tag, tag_for_keyword

from safelight.rules.attributes import get_vr
from safelight.standard.private_elements import normalize_creator

#: Stands for a private sequence in a path of tags.
PRIVATE_SEQUENCE = -1

_TAG = re.compile(r"\(([0-9A-Fa-fxX]{4}),\s*([0-9A-Fa-fxX]{4})\)")
_PRIVATE = re.compile(r"""\(([0-9A-Fa-f]{4}),\s*["']([^"']+)["'],\s*([0-9A-Fa-fxX]{2})\)""")
_VR = re.compile(r"\{([A-Z]{2})\}")
_KEYWORD = re.compile(r"[A-Za-z0-9*]+")
_SEPARATOR = re.compile(r"""/(?![^(]*\))""")

EXPECTED = (
    "a keyword (PatientName, Patient*), a tag ((0010,0010), (60xx,3000)), a private element "
    '((0019,"CREATOR",0f)) or a VR ({PN}), after */ for any depth or +/ for nested only'
)


@dataclass(frozen=True)
class _Part:
    """One step of a path; exactly one of the fields is set."""

    digits: str = ""
    keyword: str = ""
    vr: str = ""
    private: tuple[str, str, str] | None = None

    def matches(self, tag: int, vr: str) -> bool:
        if tag == PRIVATE_SEQUENCE:
            return False
        if self.digits:
            return all(a in ("X", b) for a, b in zip(self.digits, f"{tag:08X}", strict=True))
        if self.vr:
            return vr == self.vr
        keyword = keyword_for_tag(tag)
        return bool(self.keyword and keyword) and fnmatchcase(keyword, self.keyword)

    def matches_private(self, creator: str, group: int, low_byte: int) -> bool:
        if self.private is None:
            return False
        own_group, own_creator, element = self.private
        return (
            normalize_creator(own_creator) == normalize_creator(creator)
            and own_group == f"{group:04X}"
            and all(a in ("X", b) for a, b in zip(element, f"{low_byte:02X}", strict=True))
        )


@dataclass(frozen=True)
class Selector:
    """A parsed selector."""

    text: str
    depth: str
    parts: tuple[_Part, ...]

    def _matches_path(self, path: tuple[int, ...]) -> bool:
        steps = self.parts[:-1]
        outer = len(path) - len(steps)
        if outer < 0 or (not self.depth and outer) or (self.depth == "+" and not path):
            return False
        return all(step.matches(tag, "SQ") for step, tag in zip(steps, path[outer:], strict=True))

    def matches(self, path: tuple[int, ...], tag: int, vr: str) -> bool:
        """Whether it names a standard element; ``path`` holds the tags of the sequences around."""
        return self.parts[-1].matches(tag, vr) and self._matches_path(path)

    def matches_private(
        self, path: tuple[int, ...], creator: str, group: int, low_byte: int
    ) -> bool:
        """Whether it names a private element."""
        last = self.parts[-1]
        return last.matches_private(creator, group, low_byte) and self._matches_path(path)

    @property
    def tag(self) -> int | None:
        """The one standard tag that it names, if it names exactly one."""
        last = self.parts[-1]
        if last.keyword:
            return tag_for_keyword(last.keyword)
        if last.digits and "X" not in last.digits:
            return int(last.digits, 16)
        return None

    def names(self) -> bool:
        """Whether the data dictionary has at least one attribute that it names."""
        if self.tag is not None:
            return self.tag in DicomDictionary or "X" in self.parts[-1].digits
        return any(self.parts[-1].matches(tag, entry[0]) for tag, entry in _known().items())

    @property
    def is_private(self) -> bool:
        """Whether it names private elements."""
        return self.parts[-1].private is not None


def _known() -> dict[int, tuple[str, ...]]:
    """Attributes of the data dictionary, repeating groups by their first group."""
    repeating = {
        int(mask.replace("x", "0"), 16): entry for mask, entry in RepeatersDictionary.items()
    }
    return {**DicomDictionary, **repeating}


def covers(first: Selector, second: Selector) -> bool:
    """Whether every element that ``second`` names is surely named by ``first`` too."""
    if len(first.parts) > 1 and first.parts != second.parts:
        return False
    a, b = first.parts[-1], second.parts[-1]
    same = a == b
    if second.tag is not None and not same:
        same = a.matches(second.tag, get_vr(second.tag))
    elif a.digits and b.digits:
        same = all(x in ("X", y) for x, y in zip(a.digits, b.digits, strict=True))
    elif a.private and b.private and a.private[:2] == b.private[:2]:
        same = all(x in ("X", y) for x, y in zip(a.private[2], b.private[2], strict=True))
    depth = first.depth == "*" or first.depth == second.depth
    if len(first.parts) == 1 < len(second.parts):
        depth = first.depth in ("*", "+")
    return same and depth


def parse_selector(text: str) -> Selector:
    """Read a selector.

    Raises
    ------
    ValueError
        Saying what was expected.
    """
    text = text.strip()
    depth = text[0] if text[:2] in ("*/", "+/") else ""
    parts = tuple(_parse_part(part) for part in _SEPARATOR.split(text[2:] if depth else text))
    return Selector(text, depth, parts)


def _parse_part(text: str) -> _Part:
    text = text.strip()
    if match := _TAG.fullmatch(text):
        digits = (match[1] + match[2]).upper()
        if "X" not in digits[:4] and int(digits[:4], 16) % 2:
            raise ValueError('a private element with its creator, such as (0019,"CREATOR",0f)')
        return _Part(digits=digits)
    if match := _PRIVATE.fullmatch(text):
        return _Part(private=(match[1].upper(), match[2].strip(), match[3].upper()))
    if match := _VR.fullmatch(text):
        return _Part(vr=match[1])
    if _KEYWORD.fullmatch(text):
        if "*" not in text and tag_for_keyword(text) is None:
            raise ValueError(f"a keyword of the DICOM data dictionary, which {text} is not")
        return _Part(keyword=text)
    raise ValueError(EXPECTED)
