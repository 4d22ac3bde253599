"""Keys of the hashes with which a verification names values and links objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Optional

from safelight.pseudonyms import Pseudonyms

_TEMPORARY_KEY_BYTES = 32


@dataclass(frozen=True)
class ComparisonKeys:
    """Keys of hashes. All workers of a verification have the same ones.

    Attributes
    ----------
    values : bytes
        Key of the hashes of values in findings; empty if findings have no hash.
    links : bytes
        Key of the hashes that relate the objects of one verification.
    """

    values: bytes = field(repr=False)
    links: bytes = field(repr=False)

    @classmethod
    def derive(cls, names: Optional[Pseudonyms]) -> ComparisonKeys:
        """Return the keys that belong to the key of a run, or temporary ones without it.

        Parameters
        ----------
        names : Pseudonyms, optional
            Pseudonyms of the key of the run.
        """
        if names is None:
            return cls(b"", token_bytes(_TEMPORARY_KEY_BYTES))
        key = names.subkey("verify")
        return cls(key, key)
