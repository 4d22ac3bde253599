"""Standard attributes that hold technical vocabulary, and UIDs that name a thing of all."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import tag_for_keyword

from safelight.standard.iod import is_sop_class

_LIST = Path(__file__).parent / "data" / "vocabulary.yaml"


@lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[int]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    lists = yaml.load(_LIST.read_text(encoding="utf-8"), Loader=loader)
    tags: dict[str, frozenset[int]] = {}
    for name, keywords in lists.items():
        numbers = {keyword: tag_for_keyword(keyword) for keyword in keywords}
        unknown = [keyword for keyword, number in numbers.items() if number is None]
        if unknown:
            raise ValueError(f"vocabulary.yaml, {name}: unknown keywords {unknown}")
        tags[name] = frozenset(number for number in numbers.values() if number is not None)
    return tags


def is_technical_attribute(tag: int) -> bool:
    """Whether an attribute's text describes equipment, method or anatomy in set terms."""
    return tag in _lists()["technical"]


def is_code_attribute(tag: int) -> bool:
    """Whether an attribute holds codes or names their scheme, so that no model may read it."""
    return tag in _lists()["codes"]


def is_product_attribute(tag: int) -> bool:
    """Whether an attribute names a maker, a product or its version."""
    return tag in _lists()["products"]


def is_identifying_attribute(tag: int) -> bool:
    """Whether an attribute that Table E.1-1 leaves out identifies all the same."""
    return tag in _lists()["identifying"]


def is_class_uid_attribute(tag: int) -> bool:
    """Whether an attribute's UID names a class, syntax or coding scheme, not an instance."""
    return tag in _lists()["class_uids"]


def is_registered_uid(uid: str) -> bool:
    """Whether the standard registers the UID, so that it means the same thing everywhere."""
    return uid in UID_dictionary or is_sop_class(uid)
