"""Categories of standard attributes that Table E.1-1 does not list, and registered UIDs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import tag_for_keyword

from safelight.standard.iod import is_sop_class

_FILE = Path(__file__).parent / "data" / "vocabulary.yaml"


@lru_cache(maxsize=1)
def load_categories() -> dict[str, frozenset[int]]:
    """Return the tags of each category.

    Raises
    ------
    ValueError
        If the data dictionary does not have a keyword of the file.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    lists = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=loader)
    categories: dict[str, frozenset[int]] = {}
    for name, keywords in lists.items():
        tags = {keyword: tag_for_keyword(keyword) for keyword in keywords}
        unknown = [keyword for keyword, tag in tags.items() if tag is None]
        if unknown:
            raise ValueError(f"{_FILE.name}, {name}: unknown keywords {unknown}; correct them")
        categories[name] = frozenset(tag for tag in tags.values() if tag is not None)
    return categories


def is_technical_attribute(tag: int) -> bool:
    """Return whether an attribute describes equipment, method or anatomy in technical terms."""
    return tag in load_categories()["technical"]


def is_code_attribute(tag: int) -> bool:
    """Return whether an attribute holds codes or coding schemes, which no text model reads."""
    return tag in load_categories()["codes"]


def is_product_attribute(tag: int) -> bool:
    """Return whether an attribute names a manufacturer, a product or its version."""
    return tag in load_categories()["products"]


def is_identifying_attribute(tag: int) -> bool:
    """Return whether an attribute identifies although Table E.1-1 does not list it."""
    return tag in load_categories()["identifying"]


def is_direct_identifier(tag: int) -> bool:
    """Return whether the original value of an attribute identifies a person by itself."""
    return tag in load_categories()["direct_identifiers"]


def is_constant_date(tag: int) -> bool:
    """Return whether the date of an attribute belongs to a standard and not to a patient."""
    return tag in load_categories()["constant_dates"]


def is_shared_date(tag: int) -> bool:
    """Return whether the date or time of an attribute is the same for several patients."""
    return tag in load_categories()["shared_dates"]


def is_shared_text(tag: int) -> bool:
    """Return whether the text of an attribute describes equipment, a product or a protocol."""
    return tag in load_categories()["shared_texts"]


def is_class_uid_attribute(tag: int) -> bool:
    """Return whether an attribute holds the UID of a class, transfer syntax or coding scheme."""
    return tag in load_categories()["class_uids"]


def is_registered_uid(uid: str) -> bool:
    """Return whether the standard registers a UID, so that it does not name an instance."""
    return uid in UID_dictionary or is_sop_class(uid)
