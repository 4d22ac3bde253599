"""Selectors: expressions that select elements in a rules file.

The forms are ``Keyword`` (``*`` matches any letters), ``(gggg,eeee)`` (``x`` matches any digit; an
odd group selects private elements of one block), ``(gggg,"CREATOR",ee)`` for private elements in
any block (``*`` matches any characters of a creator), and ``{VR}``. A selector applies to the top
level. With the prefix ``*/`` it applies at any depth, with ``+/`` only inside sequences.
``Sequence/Element`` is a path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom.datadict import keyword_for_tag, tag_for_keyword

from safelight.dicom.encoding import LONG_VRS, SHORT_VRS
from safelight.rules.attributes import get_vr
from safelight.standard.private_elements import normalize_creator

#: Value representations of PS3.5, section 6.2.
VRS = LONG_VRS | SHORT_VRS

#: Represents a private sequence in a path of tags.
PRIVATE_SEQUENCE = -1

_TAG = re.compile(r"\(([0-9A-Fa-fxX]{4}),\s*([0-9A-Fa-fxX]{4})\)")
_PRIVATE = re.compile(r"""\(([0-9A-Fa-fxX]{4}),\s*["']([^"']+)["'],\s*([0-9A-Fa-fxX]{2})\)""")
_VR = re.compile(r"\{([A-Z]{2})\}")
_KEYWORD = re.compile(r"[A-Za-z0-9*]+")

#: Patterns of one step of a selector, except keywords.
STEP_PATTERNS = (_TAG.pattern, _PRIVATE.pattern, _VR.pattern)

#: Forms that are nearly a tag, a private element or a VR.
_NEAR_TAG = re.compile(
    r"[(\[{]?\s*(?:0x)?([0-9A-Fa-fxX]{1,4})\s*[,:;.|-]\s*(?:0x)?([0-9A-Fa-fxX]{1,4})\s*[)\]}]?"
)
_EIGHT_DIGITS = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})")
_NEAR_PRIVATE = re.compile(
    r"""\(?([0-9A-Fa-fxX]{4}),\s*["']?([^"',]+)["']?,\s*(?:[0-9A-Fa-fxX]{2})?"""
    r"""([0-9A-Fa-fxX]{2})\)?"""
)
_QUOTATION_MARKS = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'))
_SEPARATOR = re.compile(r"""/(?![^(]*\))""")

EXPECTED_FORMS = (
    "a keyword (PatientName, Patient*), a tag ((0010,0010), (60xx,3000)), a private element "
    '((0019,"CREATOR",0f), (00xx,"SIEMENS*",xx), (0019,100f)) or a VR ({PN}), with the '
    "prefix */ for any depth or +/ for nested only"
)


@dataclass(frozen=True)
class PathStep:
    """One step of the path of a selector. Exactly one of the attributes is set.

    Attributes
    ----------
    digits : str
        Eight digits of a standard tag.
    keyword, vr : str
    private : tuple of str or None
        Group, creator and low byte of a private element.
    private_digits : str
        Eight digits of a private tag, whatever the creator of its block is.
    """

    digits: str = ""
    keyword: str = ""
    vr: str = ""
    private: tuple[str, str, str] | None = None
    private_digits: str = ""

    def matches(self, tag: int, vr: str) -> bool:
        """Return whether the step selects a standard element."""
        if tag == PRIVATE_SEQUENCE:
            return False
        if self.digits:
            return _matches_digits(self.digits, f"{tag:08X}")
        if self.vr:
            return vr == self.vr
        keyword = keyword_for_tag(tag)
        return bool(self.keyword and keyword) and fnmatchcase(keyword, self.keyword)

    def matches_private(self, creator: str, group: int, number: int) -> bool:
        """Return whether the step selects a private element; see `Selector.matches_private`."""
        if self.private_digits:
            return _matches_digits(self.private_digits, f"{group:04X}{number:04X}")
        if self.private is None:
            return False
        own_group, own_creator, element = self.private
        return (
            _matches_creator(own_creator, creator)
            and _matches_digits(own_group, f"{group:04X}")
            and _matches_digits(element, f"{number & 0xFF:02X}")
        )

    @property
    def is_private(self) -> bool:
        """True if the step selects private elements."""
        return self.private is not None or bool(self.private_digits)

    @property
    def tag(self) -> int | None:
        """The standard tag that the step selects, if it is exactly one."""
        if self.keyword:
            return tag_for_keyword(self.keyword)
        return int(self.digits, 16) if self.digits and "X" not in self.digits else None

    @property
    def is_exact(self) -> bool:
        """True if the step names one attribute, without wildcards."""
        if self.private is not None:
            group, creator, element = self.private
            return "X" not in group + element and "*" not in creator
        if digits := self.digits or self.private_digits:
            return "X" not in digits
        return bool(self.keyword) and "*" not in self.keyword


def _matches_creator(pattern: str, creator: str) -> bool:
    """Return whether a private creator matches a pattern in which ``*`` is any characters."""
    pattern, creator = normalize_creator(pattern), normalize_creator(creator)
    first, *others = pattern.split("*")
    if not others:
        return pattern == creator
    if not creator.startswith(first):
        return False
    # A regular expression with several stars would backtrack: each part is searched for once.
    position = len(first)
    for part in others[:-1]:
        found = creator.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return len(creator) - len(others[-1]) >= position and creator.endswith(others[-1])


def _matches_digits(pattern: str, digits: str) -> bool:
    """Return whether hexadecimal digits match a pattern in which X is any digit."""
    return all(a in ("X", b) for a, b in zip(pattern, digits, strict=True))


@dataclass(frozen=True)
class Selector:
    """Parsed selector.

    Attributes
    ----------
    text : str
        Selector as written.
    depth : str
        ``*`` for any depth, ``+`` for inside sequences only; empty for the top level.
    steps : tuple of PathStep
        Sequences of the path, then the element.
    """

    text: str
    depth: str
    steps: tuple[PathStep, ...]

    def _matches_path(self, path: tuple[int, ...]) -> bool:
        """Return whether the selector applies inside the sequences of a path."""
        sequences = self.steps[:-1]
        outer = len(path) - len(sequences)
        if outer < 0 or (not self.depth and outer) or (self.depth == "+" and not path):
            return False
        return all(
            step.matches(tag, "SQ") for step, tag in zip(sequences, path[outer:], strict=True)
        )

    def matches(self, path: tuple[int, ...], tag: int, vr: str) -> bool:
        """Return whether the selector selects a standard element.

        Parameters
        ----------
        path : tuple of int
            Tags of the sequences that contain the element, the outermost first.
        tag : int
        vr : str
        """
        return self.steps[-1].matches(tag, vr) and self._matches_path(path)

    def matches_private(self, path: tuple[int, ...], creator: str, group: int, number: int) -> bool:
        """Return whether the selector selects a private element.

        Parameters
        ----------
        path : tuple of int
            Tags of the sequences that contain the element, the outermost first.
        creator : str
            Private creator of the element's block.
        group : int
        number : int
            Element number, such as ``0x100F``.
        """
        last = self.steps[-1]
        return last.matches_private(creator, group, number) and self._matches_path(path)

    @property
    def tag(self) -> int | None:
        """The standard tag that the selector selects, if it is exactly one."""
        return self.steps[-1].tag

    @property
    def is_private(self) -> bool:
        """True if the selector selects private elements."""
        return self.steps[-1].is_private

    def is_in_dictionary(self) -> bool:
        """Return whether the data dictionary has an attribute that the selector selects."""
        if self.tag is not None:
            return self.tag in DicomDictionary or "X" in self.steps[-1].digits
        attributes = _load_dictionary().items()
        return any(self.steps[-1].matches(tag, entry[0]) for tag, entry in attributes)

    def covers(self, other: Selector) -> bool:
        """Return whether this selector certainly selects every element that another selects."""
        if len(self.steps) > 1 and self.steps != other.steps:
            return False
        depth = self.depth in ("*", other.depth)
        if len(self.steps) == 1 < len(other.steps):
            depth = self.depth in ("*", "+")
        return depth and self._covers_element(other)

    def _covers_element(self, other: Selector) -> bool:
        """Return whether the last step covers the last step of another selector."""
        own, theirs = self.steps[-1], other.steps[-1]
        if own == theirs:
            return True
        if other.tag is not None:
            return own.matches(other.tag, get_vr(other.tag))
        if own.digits and theirs.digits:
            return _matches_digits(own.digits, theirs.digits)
        if own.private_digits and theirs.private_digits:
            return _matches_digits(own.private_digits, theirs.private_digits)
        if own.private and theirs.private:
            return (
                _matches_digits(own.private[0], theirs.private[0])
                and _matches_creator(own.private[1], theirs.private[1])
                and _matches_digits(own.private[2], theirs.private[2])
            )
        return False


def _load_dictionary() -> dict[int, tuple[str, ...]]:
    """Return the entries of the data dictionary; repeating groups have the tag of the first."""
    repeating = {
        int(mask.replace("x", "0"), 16): entry for mask, entry in RepeatersDictionary.items()
    }
    return {**DicomDictionary, **repeating}


@lru_cache(maxsize=1)
def _load_repeating_groups() -> dict[str, str]:
    """Return the digits of the attributes of repeating groups by keyword."""
    return {entry[4]: mask.upper() for mask, entry in RepeatersDictionary.items() if entry[4]}


@lru_cache(maxsize=1)
def list_dictionary_tags() -> tuple[int, ...]:
    """Return the tags of all standard attributes; of repeating groups those of the first."""
    return tuple(_load_dictionary())


@lru_cache(maxsize=1)
def list_keywords() -> Mapping[str, None]:
    """Return the keywords of the attributes that a selector may name, in alphabetical order."""
    keywords = {entry[4] for entry in DicomDictionary.values() if entry[4]}
    return MappingProxyType(dict.fromkeys(sorted(keywords | set(_load_repeating_groups()))))


def suggest_keyword(text: str) -> str:
    """Return a hint with the tag or the keyword that a wrong keyword probably means, or ""."""
    if match := _EIGHT_DIGITS.fullmatch(text):
        return f"; did you mean ({match[1]},{match[2]})?"
    keywords = {keyword.casefold(): keyword for keyword in list_keywords()}
    similar = get_close_matches(text.casefold(), keywords, 1, 0.8)
    return f"; did you mean {keywords[similar[0]]}?" if similar else ""


def _suggest_form(text: str) -> str:
    """Return a hint with the selector that a text without the form of one means, or ""."""
    text = text.translate(_QUOTATION_MARKS)
    plain = text.strip("\"' ")
    found = ""
    if match := _NEAR_TAG.fullmatch(plain):
        found = f"({match[1]:0>4},{match[2]:0>4})"
    elif match := _NEAR_PRIVATE.fullmatch(text):
        found = f'({match[1]},"{match[2].strip()}",{match[3]})'
    elif plain.strip("{}").upper() in VRS:
        found = f"{{{plain.strip('{}').upper()}}}"
    elif plain in list_keywords():
        found = plain
    return f"; did you mean {found}?" if found else ""


def parse_selector(text: str) -> Selector:
    """Parse a selector.

    Raises
    ------
    ValueError
        If the text is not a selector. The message names the expected form.
    """
    text = text.strip()
    depth = text[0] if text[:2] in ("*/", "+/") else ""
    steps = tuple(_parse_step(step) for step in _SEPARATOR.split(text[2:] if depth else text))
    return Selector(text, depth, steps)


def _parse_tag(digits: str) -> PathStep:
    """Return the step for the eight digits of a tag; an odd group is private."""
    if digits[3] not in "13579BDF":
        return PathStep(digits=digits)
    if digits[4:6] == "00":
        raise ValueError(
            "a private element such as (0019,100f); a private creator is kept exactly if an "
            "element of its block is"
        )
    return PathStep(private_digits=digits)


def _parse_step(text: str) -> PathStep:
    """Parse one step of the path of a selector."""
    text = text.strip()
    if match := _TAG.fullmatch(text):
        return _parse_tag((match[1] + match[2]).upper())
    if match := _PRIVATE.fullmatch(text):
        if match[1][-1] in "02468aceACE":
            raise ValueError("a private element, whose group is odd")
        return PathStep(private=(match[1].upper(), match[2].strip(), match[3].upper()))
    if match := _VR.fullmatch(text):
        if match[1] not in VRS:
            similar = get_close_matches(match[1], sorted(VRS), 1, 0.5)
            hint = f"; did you mean {{{similar[0]}}}?" if similar else ""
            raise ValueError(f"a VR ({', '.join(sorted(VRS))}) instead of {text}{hint}")
        return PathStep(vr=match[1])
    if _KEYWORD.fullmatch(text):
        if digits := _load_repeating_groups().get(text):
            return PathStep(digits=digits)
        if "*" not in text and tag_for_keyword(text) is None:
            hint = suggest_keyword(text)
            raise ValueError(f"a keyword of the DICOM data dictionary instead of {text}{hint}")
        return PathStep(keyword=text)
    raise ValueError(f"{EXPECTED_FORMS}{_suggest_form(text)}")
