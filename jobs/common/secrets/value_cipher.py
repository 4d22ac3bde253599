"""Encrypt originals, so that only the holder of the key can read them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jobs.common.cli.errors import JobError
from jobs.common.secrets.sealing_keys import (
    FORMAT_WITHOUT_HEADER,
    SealingKey,
    derive_sealing_key,
    split_sealed,
)
from safelight.pseudonyms import Pseudonyms

_NONCE_BYTES = 12

#: First part of the authenticated context: no other value of this software has the same one.
_CONTEXT_FORMAT = "mapping/v2"

#: Function that returns the key of a header; ``None`` if the caller does not have the key.
FindKey = Callable[[bytes], Optional[bytes]]


class Pair(Protocol):
    """Row of ``mapping``, as far as it identifies a pair."""

    kind: str
    original_hmac: str
    pseudonym: str
    patient_pseudonym: str


@dataclass(frozen=True)
class ValueContext:
    """Identity of a pair of ``mapping``, which is authenticated with its original.

    Attributes
    ----------
    kind : str
        Kind of the value.
    original_hmac : str
        Keyed hash of the original.
    pseudonym : str
        Pseudonym of the value.
    patient_pseudonym : str
        Pseudonym of the patient; empty if there is none.
    """

    kind: str
    original_hmac: str
    pseudonym: str
    patient_pseudonym: str

    @classmethod
    def of(cls, pair: Pair) -> ValueContext:
        """Return the context of a row of ``mapping``."""
        return cls(pair.kind, pair.original_hmac, pair.pseudonym, pair.patient_pseudonym)


class ValueCipher:
    """AES-256-GCM of the originals of one namespace and one key of pseudonyms.

    A sealed value is a header, a random nonce of 12 bytes and the ciphertext with its tag. The
    namespace, the ID of the key of the pseudonyms and the context are authenticated with the
    value. A value that was moved to another row or item does not open, and neither does that of a
    row that was changed. The table is not part of the context: a row may be copied to another one.

    Parameters
    ----------
    names : Pseudonyms
        Key of the pseudonyms, and namespace.
    current : SealingKey, optional
        Key of new values (default: derived from the key of the pseudonyms).
    find_key : callable, optional
        Function that returns the keys of other values by header.
    """

    def __init__(
        self,
        names: Pseudonyms,
        current: Optional[SealingKey] = None,
        find_key: Optional[FindKey] = None,
    ):
        derived = derive_sealing_key(names)
        own = AESGCM(derived.key)
        self._names = names
        self._current = current or derived
        self._find_key = find_key
        self._ciphers = {
            FORMAT_WITHOUT_HEADER: own,
            derived.header: own,
            self._current.header: AESGCM(self._current.key),
        }

    def encrypt(self, context: ValueContext, value: str) -> bytes:
        """Encrypt one value.

        Parameters
        ----------
        context : ValueContext
            Identity of the pair; it is authenticated but not encrypted.
        value : str
            Original value, which may hold PHI.

        Returns
        -------
        bytes
            Sealed value: header, nonce (12 bytes), ciphertext and tag (16 bytes).
        """
        header = self._current.header
        nonce = os.urandom(_NONCE_BYTES)
        plain = value.encode("utf-8", "surrogatepass")
        authenticated = self._authenticated(header, context)
        return header + nonce + self._ciphers[header].encrypt(nonce, plain, authenticated)

    def decrypt(self, context: ValueContext, sealed: bytes) -> str:
        """Decrypt one value.

        Parameters
        ----------
        context : ValueContext
            Identity of the pair for which the value was sealed.
        sealed : bytes
            Sealed value that :meth:`encrypt` returned.

        Returns
        -------
        str
            Original value, which may hold PHI.

        Raises
        ------
        JobError
            If the value was sealed under another key, in another namespace or for another pair, or
            if its format is unknown.
        """
        header, rest = split_sealed(bytes(sealed))  # Spark returns bytearray
        nonce, body = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        cipher = self._ciphers.get(header) or self._open(header)
        try:
            plain = cipher.decrypt(nonce, body, self._authenticated(header, context))
        except (InvalidTag, ValueError):
            raise JobError(
                "an encrypted value cannot be decrypted; give the key and namespace of its run"
            ) from None
        return plain.decode("utf-8", "surrogatepass")

    def is_current(self, sealed: bytes) -> bool:
        """Return whether a value is sealed under the key of new values."""
        return split_sealed(bytes(sealed))[0] == self._current.header

    def _open(self, header: bytes) -> AESGCM:
        key = self._find_key(header) if self._find_key else None
        if key is None:
            raise JobError(
                "an encrypted value was sealed under a key that --key does not hold; give a key "
                "ring or an envelope with the earlier keys, see docs/keys.md"
            )
        self._ciphers[header] = AESGCM(key)
        return self._ciphers[header]

    def _authenticated(self, header: bytes, context: ValueContext) -> bytes:
        if header == FORMAT_WITHOUT_HEADER:
            return context.kind.encode()
        names = self._names
        return json.dumps(
            [
                _CONTEXT_FORMAT, names.namespace, names.key_id, context.kind,
                context.original_hmac, context.pseudonym, context.patient_pseudonym,
            ]
        ).encode()  # fmt: skip
