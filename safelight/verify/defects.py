"""What the check hands out: defects that name a place, never a value."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import Enum


class Check(str, Enum):
    """What was looked for, and found."""

    UNREADABLE = "unreadable"
    TABLES = "tables"
    FILE_HEAD = "file_head"
    FORBIDDEN = "forbidden"
    IDENTIFIER = "identifier"
    PRIVATE = "private"
    UID = "uid"
    LABELS = "marks"
    DATE = "date"
    TEXT = "text"
    PIXELS = "pixels"
    LEAK = "leak"
    UID_LINK = "uid_link"
    DATE_INTERVAL = "date_interval"


@dataclass(frozen=True)
class Defect:
    """Something that must not be in a de-identified object.

    Attributes
    ----------
    check : Check
    location : str
        Tag path such as ``(0008,1140)[0].(0008,1155)``, ``preamble``, ``pixels`` or ``object``.
    detail : str
        What is wrong, in words without any value of the object.
    length : int
        Characters or bytes of the value in question; 0 where there is none.
    value_hmac : str
        Keyed hash of the value if a key was given, so that two defects can be compared.
    """

    check: Check
    location: str
    detail: str
    length: int = 0
    value_hmac: str = ""


@dataclass(frozen=True)
class ValueHasher:
    """Hashes values for :class:`Defect` with HMAC-SHA256; without a key it gives ``""``."""

    key: bytes = b""

    def __call__(self, value: str) -> str:
        if not self.key:
            return ""
        return hmac.digest(self.key, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]
