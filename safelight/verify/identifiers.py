"""Lists of the verifier: identifiers, forbidden elements, placeholders and common words.

They are read from ``identifiers.yaml``, which is independent of the rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom.datadict import tag_for_keyword

#: Letters of 45 CFR 164.514(b)(2)(i) that identify by themselves: names, telephone and fax
#: numbers, e-mail addresses and URLs. Numbers of records have pseudonyms instead.
_DIRECT_LETTERS = frozenset("ADN")


@dataclass(frozen=True)
class Identifier:
    """Expectation for one identifying attribute.

    Attributes
    ----------
    hipaa : str
        Identifier of 45 CFR 164.514(b)(2)(i).
    search : str
        Kind of search for the original value in the output: ``name``, ``id``, ``text`` or
        ``none``.
    is_pseudonym : bool
        Whether a keyed token may replace the value.
    granted_by : frozenset of str
        CID 7050 codes that allow the original value.
    """

    hipaa: str
    search: str
    is_pseudonym: bool
    granted_by: frozenset[str]

    @property
    def is_direct(self) -> bool:
        """True if no rule of an organisation may keep the value: names, contacts and numbers."""
        return self.is_pseudonym or self.hipaa[0] in _DIRECT_LETTERS


@dataclass(frozen=True)
class ForbiddenRepeating:
    """Forbidden element of a repeating group.

    Attributes
    ----------
    mask, group : int
        An element belongs to the group if its group number masked with ``mask`` is ``group``.
    element : int or None
        Element number; None is the whole group.
    description : str
    granted_by : frozenset of str
        CID 7050 codes that allow the element.
    """

    mask: int
    group: int
    element: int | None
    description: str
    granted_by: frozenset[str]


@dataclass(frozen=True)
class DocumentContainer:
    """Element that holds a whole document.

    Attributes
    ----------
    description : str
    granted_by : frozenset of str
        CID 7050 codes that allow the element.
    stated_method : str
        Text in De-identification Method (0012,0063) that allows the element.
    """

    description: str
    granted_by: frozenset[str]
    stated_method: str


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    """Return the content of ``identifiers.yaml``."""
    text = (files("safelight.verify") / "identifiers.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@lru_cache(maxsize=1)
def load_identifiers() -> dict[str, Identifier]:
    """Return the identifying attributes by keyword.

    Raises
    ------
    ValueError
        If a keyword is not in PS3.6, or is in two groups.
    """
    found: dict[str, Identifier] = {}
    for group in _load()["groups"]:
        identifier = Identifier(
            group["hipaa"],
            group["search"],
            group["expect"] == "pseudonym",
            frozenset(group.get("granted_by", ())),
        )
        for keyword in group["elements"]:
            if tag_for_keyword(keyword) is None or keyword in found:
                raise ValueError(f"identifiers.yaml: {keyword} is unknown or repeated")
            found[keyword] = identifier
    return found


@lru_cache(maxsize=1)
def load_forbidden_elements() -> dict[int, str]:
    """Return the tags of elements that must be absent, with a description."""
    elements = _load()["forbidden"]["elements"]
    return {int(tag, 16): description for tag, description in elements.items()}


@lru_cache(maxsize=1)
def load_forbidden_groups() -> dict[int, str]:
    """Return the groups that must be absent, with a description."""
    groups = _load()["forbidden"]["groups"]
    return {int(group, 16): description for group, description in groups.items()}


@lru_cache(maxsize=1)
def load_forbidden_repeating() -> tuple[ForbiddenRepeating, ...]:
    """Return the elements of repeating groups that must be absent unless a code grants them."""
    return tuple(
        ForbiddenRepeating(
            int(entry["mask"], 16),
            int(entry["group"], 16),
            int(entry["element"], 16) if "element" in entry else None,
            entry["what"],
            frozenset(entry["granted_by"]),
        )
        for entry in _load()["forbidden"]["repeating"]
    )


@lru_cache(maxsize=1)
def load_document_containers() -> dict[int, DocumentContainer]:
    """Return the elements that hold a whole document, by tag."""
    return {
        int(tag, 16): DocumentContainer(
            entry["what"], frozenset(entry["granted_by"]), entry["stated"]
        )
        for tag, entry in _load()["forbidden"]["containers"].items()
    }


@lru_cache(maxsize=1)
def load_product_keywords() -> frozenset[str]:
    """Return the keywords of attributes that name manufacturers and products."""
    return frozenset(_load()["products"])


@lru_cache(maxsize=1)
def load_code_keywords() -> frozenset[str]:
    """Return the keywords of attributes of codes and of coding schemes."""
    return frozenset(_load()["codes"])


@lru_cache(maxsize=1)
def load_placeholder_words() -> frozenset[str]:
    """Return the words that are placeholders, case-folded."""
    return frozenset(fold_case(word) for word in _load()["placeholders"]["words"])


@lru_cache(maxsize=1)
def load_placeholder_dates() -> frozenset[str]:
    """Return the dates that systems write if there is no date."""
    return frozenset(_load()["placeholders"]["dates"])


@lru_cache(maxsize=1)
def load_constant_dates() -> frozenset[str]:
    """Return the keywords of dates that are constants of the standard."""
    return frozenset(_load()["constant_dates"])


@lru_cache(maxsize=4096)
def is_public_uid(uid: str, keyword: str) -> bool:
    """Return whether a UID names a class, a code or a product, so that it may be kept.

    Parameters
    ----------
    uid : str
    keyword : str
        Keyword of its attribute.
    """
    public = _load()["public_uids"]
    return (
        uid.startswith(tuple(public["prefixes"]))
        or keyword.endswith(tuple(public["keyword_endings"]))
        or keyword in public["keywords"]
        or uid in _load()["placeholders"]["uids"]
    )


@lru_cache(maxsize=1)
def load_vocabulary() -> frozenset[str]:
    """Return the words of the data dictionary and other words that identify no one, case-folded.

    A name such as ``BRAIN^MR`` consists of words that technical texts contain anyway, so that a
    match would prove nothing. Such words are not searched for one by one, but the whole value is.
    """
    words = {fold_case(word) for word in _load()["common"]} | load_placeholder_words()
    words.update(word for line in _load()["technical"] for word in line.split())
    entries = list(DicomDictionary.values()) + list(RepeatersDictionary.values())
    for entry in entries:
        words |= {fold_case(word) for word in re.findall(r"[A-Za-z]{2,}", entry[2])}
    return frozenset(words)


@lru_cache(maxsize=1)
def load_institution_words() -> frozenset[str]:
    """Return the words of six letters or more that names of many institutions have, case-folded."""
    return _load_words("institution_words.txt")


@lru_cache(maxsize=1)
def load_abbreviations() -> frozenset[str]:
    """Return the abbreviations that are not taken for the initials of a person, case-folded."""
    return _load_words("abbreviations.txt")


def _load_words(name: str) -> frozenset[str]:
    """Return the words of a list."""
    text = (files("safelight.verify") / "lists" / name).read_text(encoding="utf-8")
    return frozenset(text.split())


def fold_case(text: str) -> str:
    """Return a text for comparison: case-folded, with single spaces."""
    return " ".join(text.split()).casefold()
