"""Derive UIDs, tokens, hashes and date shifts from a secret key, without state.

Each value is the HMAC-SHA256 of the original under a subkey. HKDF-SHA256 (RFC 5869) derives the
subkey from the master key, the namespace and the purpose. Every executor of every run therefore
derives the same pseudonym, and pseudonyms of different namespaces cannot be linked.
"""

from __future__ import annotations

import base64
import hmac
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from safelight.key_strength import MINIMUM_KEY_BYTES, find_key_defect
from safelight.uid_roots import (
    MAX_NUMBER_DIGITS,
    MAX_UID_CHARACTERS,
    NAMESPACE_DIGITS,
    UUID_PREFIX,
    find_root_defect,
)

#: Default shift: whole days into the past, at least one and at most three years.
DEFAULT_SHIFT_RANGE = (-1095, -1)

_DAYS_PER_YEAR = 365.25


def is_usable_shift(days: int) -> bool:
    """Return whether a date shift hides day and month.

    A shift by a multiple of a year, or by a day more or less, keeps them, and a text that still
    has the original date would show the shift.

    Parameters
    ----------
    days : int
    """
    years = round(abs(days) / _DAYS_PER_YEAR)
    first, last = math.floor(years * _DAYS_PER_YEAR), math.ceil(years * _DAYS_PER_YEAR)
    return days != 0 and (years == 0 or not first - 1 <= abs(days) <= last + 1)


def holds_usable_shift(first: int, last: int) -> bool:
    """Return whether a range of date shifts has one that hides day and month.

    Parameters
    ----------
    first, last : int
        Smallest and largest shift in days, both inclusive.
    """
    return any(is_usable_shift(days) for days in range(first, last + 1))


def _hkdf(key: bytes, info: bytes, length: int = 32) -> bytes:
    """Return a key of HKDF-SHA256 with an empty salt (RFC 5869, sections 2.2 and 2.3)."""
    prk = hmac.digest(b"\x00" * 32, key, "sha256")
    block, output, counter = b"", b"", 1
    while len(output) < length:
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
        output += block
        counter += 1
    return output[:length]


@dataclass(frozen=True)
class Patient:
    """Pseudonym and date shift of one patient in one namespace.

    Attributes
    ----------
    identity : str
        Original identity. PHI.
    pseudonym : str
        Replacement of the Patient ID: 16 characters of base32 after the prefix.
    shift_days : int
        Whole days that are added to every date of this patient; see :func:`is_usable_shift`.
    """

    identity: str
    pseudonym: str
    shift_days: int


class Pseudonyms:
    """Derivations from one key in one namespace.

    Parameters
    ----------
    key : bytes
        Master key of at least 32 random bytes.
    namespace : str
        Project or recipient. Pseudonyms of different namespaces cannot be linked.
    shift_range : tuple of int
        Smallest and largest date shift in days, both inclusive. Neither 0 nor a multiple of a year
        is chosen.
    patient_prefix : str
        Prefix of each patient pseudonym.
    uid_root : str
        Root of new UIDs, see :mod:`safelight.uid_roots` (default: UIDs derived from a UUID, which
        begin with 2.25).

    Raises
    ------
    TypeError
        If the key is not bytes.
    ValueError
        If the key is too short, the range holds no shift that hides day and month, or the root
        cannot be used.

    Warns
    -----
    UserWarning
        If the key is obviously not random. The commands refuse such a key.
    """

    def __init__(
        self,
        key: bytes,
        namespace: str = "default",
        shift_range: tuple[int, int] = DEFAULT_SHIFT_RANGE,
        patient_prefix: str = "",
        uid_root: str = "",
    ):
        if not isinstance(key, bytes):
            raise TypeError(f"the key is a {type(key).__name__}; give random bytes")
        if defect := find_key_defect(key):
            if len(key) < MINIMUM_KEY_BYTES:
                raise ValueError(f"the key {defect}")
            warnings.warn(f"the key {defect}", stacklevel=2)
        first, last = shift_range
        if first > last or not holds_usable_shift(first, last):
            raise ValueError(
                "the date shift range must hold a day other than 0 and the multiples of a year"
            )
        self.namespace = namespace
        self.patient_prefix = patient_prefix
        self._shift_range = (first, last)
        self._find_shift: Callable[[str], int | None] | None = None
        self._key = key
        self._subkeys: dict[str, bytes] = {}
        self.key_id = _hkdf(key, b"safelight/v1/key-id", 8).hex()
        self.uid_prefix = self._uid_prefix(uid_root) if uid_root else UUID_PREFIX
        self.patient = lru_cache(maxsize=4096)(self._patient)
        self.uid = lru_cache(maxsize=65536)(self._uid)

    def use_shifts(self, find_shift: Callable[[str], int | None] | None) -> None:
        """Take the date shifts of patients from a table.

        Parameters
        ----------
        find_shift : callable or None
            Returns the days of a patient by its identity; None to derive them from the key.
        """
        self._find_shift = find_shift
        self.patient.cache_clear()

    def subkey(self, purpose: str) -> bytes:
        """Return the 32-byte subkey of one purpose in this namespace."""
        subkey = self._subkeys.get(purpose)
        if subkey is None:
            info = f"safelight/v1/{len(self.namespace)}:{self.namespace}/{purpose}"
            subkey = self._subkeys[purpose] = _hkdf(self._key, info.encode())
        return subkey

    def digest(self, purpose: str, value: str | bytes) -> bytes:
        """Return the HMAC-SHA256 (32 bytes) of a value under the subkey of a purpose.

        Parameters
        ----------
        purpose : str
            Purpose of the subkey; digests of different purposes cannot be linked.
        value : str or bytes
            The original. Text is encoded as UTF-8; surrogate code points are allowed.
        """
        if isinstance(value, str):
            value = value.encode("utf-8", "surrogatepass")
        return hmac.digest(self.subkey(purpose), value, "sha256")

    def hexdigest(self, purpose: str, value: str | bytes) -> str:
        """Return :meth:`digest` in hexadecimal, for columns such as ``text_hmac``.

        Parameters
        ----------
        purpose : str
            Purpose of the subkey; digests of different purposes cannot be linked.
        value : str or bytes
            The original. Text is encoded as UTF-8; surrogate code points are allowed.

        Returns
        -------
        str
            64 hexadecimal digits in lower case.
        """
        return self.digest(purpose, value).hex()

    def _uid_prefix(self, root: str) -> str:
        """Return the root and the number of the namespace, which all UIDs begin with.

        The number is keyed, so it reveals neither the namespace nor a link between two of them.
        """
        defect = find_root_defect(root)
        if defect:
            raise ValueError(f"the root of the UIDs {defect}")
        smallest = 10 ** (NAMESPACE_DIGITS - 1)
        return f"{root}.{smallest + self.number('uid_prefix', root, 9 * smallest)}."

    def _uid(self, original: str) -> str:
        """Return the UID that replaces ``original``.

        With a root, it is the prefix and a number of 24 or more digits (PS3.5, section 9.1), else
        it is derived from a UUID (PS3.5, section B.2).
        """
        if self.uid_prefix != UUID_PREFIX:
            digest = self.digest(f"uid/{self.uid_prefix}", original)
            digits = min(MAX_NUMBER_DIGITS, MAX_UID_CHARACTERS - len(self.uid_prefix))
            return f"{self.uid_prefix}{int.from_bytes(digest, 'big') % 10**digits}"
        return self._uuid_uid(original)

    def _uuid_uid(self, original: str) -> str:
        """Return the UUID-derived UID (PS3.5, section B.2) that replaces ``original``."""
        digest = bytearray(self.digest("uid", original)[:16])
        digest[6] = digest[6] & 0x0F | 0x80  # UUID version 8 (RFC 9562): custom derivation
        digest[8] = digest[8] & 0x3F | 0x80
        return f"{UUID_PREFIX}{int.from_bytes(digest, 'big')}"

    def token(self, kind: str, original: str, length: int = 16, prefix: str = "") -> str:
        """Return a token of letters and digits.

        Parameters
        ----------
        kind : str
            Purpose; tokens of different kinds cannot be linked.
        original : str
            The value to replace.
        length : int
            Maximum number of characters, including the prefix.
        prefix : str
            Start of the token.

        Raises
        ------
        ValueError
            If the prefix leaves fewer than 10 characters (50 bits) for the token.
        """
        if length - len(prefix) < 10:
            raise ValueError(
                f"the prefix leaves {length - len(prefix)} characters, but a token needs 10; "
                "choose a shorter prefix"
            )
        text = base64.b32encode(self.digest(f"token/{kind}", original)).decode().rstrip("=")
        return (prefix + text)[:length]

    def number(self, kind: str, original: str, below: int) -> int:
        """Return a number from 0 to ``below`` (exclusive).

        Parameters
        ----------
        kind : str
            Purpose; numbers of different kinds cannot be linked.
        original : str
            The value to replace.
        below : int
            Upper limit, not included; 1 or more.

        Returns
        -------
        int
            The first 128 bits of the digest modulo ``below``.

        Raises
        ------
        ZeroDivisionError
            If ``below`` is 0.
        """
        return int.from_bytes(self.digest(f"number/{kind}", original)[:16], "big") % below

    def _patient(self, identity: str) -> Patient:
        """Return the pseudonym and the date shift of one patient identity."""
        prefix = self.patient_prefix
        pseudonym = self.token("patient_id", identity, 16 + len(prefix), prefix)
        given = self._find_shift(identity) if self._find_shift is not None else None
        shift = self._derive_shift(identity) if given is None else given
        return Patient(identity, pseudonym, shift)

    def _derive_shift(self, identity: str) -> int:
        """Return the date shift of one patient identity."""
        first, last = self._shift_range
        holds_zero = first <= 0 <= last
        shift = first + self.number("shift", identity, last - first + 1 - holds_zero)
        if holds_zero and shift >= 0:
            shift += 1
        if not is_usable_shift(shift):
            usable = [days for days in range(first, last + 1) if is_usable_shift(days)]
            shift = usable[self.number("shift/usable", identity, len(usable))]
        return shift
