"""Check roots of new UIDs, below which each namespace has a number of its own.

A new UID under a root is ``ROOT.NAMESPACE.NUMBER``. All UIDs of a namespace have the same prefix,
so one condition with a wildcard, such as ``StringLike`` of an IAM policy, can select them.
"""

from __future__ import annotations

import re

#: Longest UID (PS3.5, section 9.1).
MAX_UID_CHARACTERS = 64

#: Prefix of UIDs that are derived from a UUID (PS3.5, section B.2).
UUID_PREFIX = "2.25."

#: Digits of the number of a namespace. Two of 1000 namespaces share one with a probability of 6e-4;
#: their UIDs still differ.
NAMESPACE_DIGITS = 9

#: Digits of the number of an entity. With 24 digits, two of a billion UIDs of a namespace are the
#: same with a probability of 5e-7.
MIN_NUMBER_DIGITS = 24
MAX_NUMBER_DIGITS = 38

#: Longest root that leaves room for both numbers and their dots.
MAX_ROOT_CHARACTERS = MAX_UID_CHARACTERS - (1 + NAMESPACE_DIGITS) - (1 + MIN_NUMBER_DIGITS)

_UID = re.compile(r"(?:[01]\.(?:[0-9]|[1-3][0-9])|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*")

#: Arcs below which authorities register the roots of many organisations.
_SHARED_ARCS = frozenset(
    {
        "1.2.840", "1.2.276", "1.2.826", "1.3.6.1.4.1", "1.2.826.0.1.3680043",
        "1.2.826.0.1.3680043.2", "1.2.826.0.1.3680043.8", "1.2.826.0.1.3680043.9",
        "1.2.826.0.1.3680043.10",
    }
)  # fmt: skip

_MIN_COMPONENTS = 4


def find_root_defect(root: str) -> str:
    """Return why a root cannot be used, to follow a noun; empty if it can.

    Parameters
    ----------
    root : str
        Root without a dot at its end, such as 1.2.826.0.1.3680043.10.1234.5.
    """
    if not _UID.fullmatch(root):
        return "is not a valid UID"
    if f"{root}.".startswith(UUID_PREFIX):
        return "is that of UUIDs, which is the default; leave it out"
    if f"{root}.".startswith("1.2.840.10008."):
        return "is that of the DICOM standard; give a root of your organisation"
    if root in _SHARED_ARCS or root.count(".") < _MIN_COMPONENTS - 1:
        return "is that of many organisations; give a root that is registered for yours"
    if len(root) > MAX_ROOT_CHARACTERS:
        return f"has {len(root)} characters; give one of at most {MAX_ROOT_CHARACTERS}"
    return ""
