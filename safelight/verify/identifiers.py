"""The check's own list of identifiers (identifiers.yaml), loaded once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom.datadict import tag_for_keyword


@dataclass(frozen=True)
class Identifier:
    """What is expected of one attribute.

    Attributes
    ----------
    hipaa : str
        Which identifier of 45 CFR 164.514(b)(2)(i) it is.
    search : str
        ``name``, ``id``, ``text`` or ``none``.
    pseudonym : bool
        Whether a keyed token may stand in its place.
    granted_by : frozenset of str
        CID 7050 codes that let the value stay.
    """

    hipaa: str
    search: str
    pseudonym: bool
    granted_by: frozenset[str]


@dataclass(frozen=True)
class ForbiddenRepeating:
    """A forbidden element of a repeating group; ``element`` is ``None`` for the whole group."""

    mask: int
    group: int
    element: int | None
    what: str
    granted_by: frozenset[str]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = (files("safelight.verify") / "identifiers.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@lru_cache(maxsize=1)
def load_identifiers() -> dict[str, Identifier]:
    """Expectations by keyword.

    Raises
    ------
    ValueError
        If a keyword is none of PS3.6, or stands in two groups.
    """
    found: dict[str, Identifier] = {}
    for group in _data()["groups"]:
        identifier = Identifier(
            group["hipaa"],
            group["search"],
            group["expect"] == "pseudonym",
            frozenset(group.get("granted_by", ())),
        )
        for keyword in group["elements"]:
            if tag_for_keyword(keyword) is None or keyword in found:
                raise ValueError(f"identifiers.yaml: {keyword} is unknown or stands there twice")
            found[keyword] = identifier
    return found


@lru_cache(maxsize=1)
def load_forbidden_elements() -> dict[int, str]:
    """Tags that must be absent, with what they are."""
    return {int(tag, 16): what for tag, what in _data()["forbidden"]["elements"].items()}


@lru_cache(maxsize=1)
def load_forbidden_groups() -> dict[int, str]:
    """Groups that must be absent, with what they are."""
    return {int(group, 16): what for group, what in _data()["forbidden"]["groups"].items()}


@lru_cache(maxsize=1)
def load_forbidden_repeating() -> tuple[ForbiddenRepeating, ...]:
    """Elements of repeating groups that must be absent unless a code grants them."""
    return tuple(
        ForbiddenRepeating(
            int(entry["mask"], 16),
            int(entry["group"], 16),
            int(entry["element"], 16) if "element" in entry else None,
            entry["what"],
            frozenset(entry["granted_by"]),
        )
        for entry in _data()["forbidden"]["repeating"]
    )


@lru_cache(maxsize=1)
def load_document_containers() -> dict[int, tuple[str, frozenset[str], str]]:
    """Return descriptions, granting codes and statements of elements that hold a document."""
    return {
        int(tag, 16): (entry["what"], frozenset(entry["granted_by"]), entry["stated"])
        for tag, entry in _data()["forbidden"]["containers"].items()
    }


@lru_cache(maxsize=1)
def load_product_keywords() -> frozenset[str]:
    """Attributes that name makers and products."""
    return frozenset(_data()["products"])


@lru_cache(maxsize=1)
def load_neutral_words() -> frozenset[str]:
    """Values that name nobody, folded."""
    return frozenset(fold(word) for word in _data()["neutral"]["words"])


@lru_cache(maxsize=1)
def load_neutral_dates() -> frozenset[str]:
    """Dates that systems write for "none"."""
    return frozenset(_data()["neutral"]["dates"])


@lru_cache(maxsize=4096)
def is_public_uid(uid: str, keyword: str) -> bool:
    """Whether a UID names a class, a code or a product, so that it may stay."""
    public = _data()["public_uids"]
    return (
        uid.startswith(tuple(public["prefixes"]))
        or keyword.endswith(tuple(public["keyword_endings"]))
        or keyword in public["keywords"]
        or uid in _data()["neutral"]["uids"]
    )


@lru_cache(maxsize=1)
def load_vocabulary() -> frozenset[str]:
    """Words of the standard's own dictionary, and those that tell nobody apart; folded.

    A name such as ``BRAIN^MR`` consists of words that stand in technical texts anyway: a hit
    would say nothing. Such words are not searched for one by one; the whole value still is.
    """
    words = {fold(word) for word in _data()["common"]} | load_neutral_words()
    words.update(word for line in _data()["technical"] for word in line.split())
    entries = list(DicomDictionary.values()) + list(RepeatersDictionary.values())
    for entry in entries:
        words |= {fold(word) for word in re.findall(r"[A-Za-z]{2,}", entry[2])}
    return frozenset(words)


def fold(text: str) -> str:
    """Case and surrounding white space do not tell values apart."""
    return " ".join(text.split()).casefold()
