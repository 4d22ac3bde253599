"""Defects that the verifier reports. They name a location, never a value."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import Enum

#: Hexadecimal digits of a hash.
_HASH_DIGITS = 32


class Check(str, Enum):
    """Check that found a defect. The values are stored in the table ``verification``.

    ``UNCHECKED`` is content that the verifier could not check: no defect was found in it.
    """

    UNREADABLE = "unreadable"
    TABLES = "tables"
    FILE_HEAD = "file_head"
    FORBIDDEN = "forbidden"
    IDENTIFIER = "identifier"
    PROFILE = "profile"
    REQUIRED = "required"
    PRIVATE = "private"
    UID = "uid"
    LABELS = "marks"
    DATE = "date"
    TEXT = "text"
    PIXELS = "pixels"
    LEAK = "leak"
    UID_LINK = "uid_link"
    DATE_INTERVAL = "date_interval"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Defect:
    """Content or property that a de-identified object must not have.

    Attributes
    ----------
    check : Check
    location : str
        Tag path such as ``(0008,1140)[0].(0008,1155)``, ``preamble``, ``pixels`` or ``object``.
    detail : str
        Explanation without any value of the object.
    length : int
        Characters or bytes of the value; 0 if there is none.
    value_hmac : str
        Keyed hash of the value, so that defects can be compared; empty without a key.
    """

    check: Check
    location: str
    detail: str
    length: int = 0
    value_hmac: str = ""


@dataclass(frozen=True)
class ValueHasher:
    """Computes the HMAC-SHA256 of values; without a key, every hash is empty."""

    key: bytes = b""

    def __call__(self, value: str) -> str:
        """Return the hash of a value, in hexadecimal."""
        if not self.key:
            return ""
        digest = hmac.digest(self.key, value.encode("utf-8", "surrogatepass"), "sha256")
        return digest.hex()[:_HASH_DIGITS]
