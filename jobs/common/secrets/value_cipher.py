"""Seal what may only be read by who holds the key: originals."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jobs.common.cli.errors import JobError
from safelight.pseudonyms import Pseudonyms

_FORMAT = b"\x01"
_NONCE_BYTES = 12


class ValueCipher:
    """AES-256-GCM under a sub-key of the master key and the namespace.

    An encrypted value is a format byte, a random nonce of 12 bytes and the ciphertext with its
    tag. What the value is of (the kind) is authenticated with it, so that a row whose kind
    was changed does not open.
    """

    def __init__(self, pseudonyms: Pseudonyms):
        self._cipher = AESGCM(pseudonyms.subkey("mapping/seal"))

    def encrypt(self, kind: str, value: str) -> bytes:
        """Encrypt one value.

        Parameters
        ----------
        kind : str
            Kind of the value; it is authenticated but not encrypted.
        value : str
            Original value, which may hold PHI.

        Returns
        -------
        bytes
            Sealed value: format byte, nonce (12 bytes), ciphertext and tag (16 bytes).
        """
        nonce = os.urandom(_NONCE_BYTES)
        plain = value.encode("utf-8", "surrogatepass")
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, kind.encode())

    def decrypt(self, kind: str, sealed: bytes) -> str:
        """Decrypt one value.

        Parameters
        ----------
        kind : str
            Kind with which the value was sealed.
        sealed : bytes
            Sealed value that :meth:`encrypt` returned.

        Returns
        -------
        str
            Original value, which may hold PHI.

        Raises
        ------
        JobError
            If the value was sealed under another key, in another namespace or for another kind, or
            if its format is unknown.
        """
        if sealed[:1] != _FORMAT:
            raise JobError(
                "an encrypted value has an unknown format; use the version that wrote it, or a "
                "later one"
            )
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, kind.encode()).decode("utf-8", "surrogatepass")
        except InvalidTag:
            raise JobError(
                "an encrypted value cannot be decrypted; give the key and namespace of its run"
            ) from None
