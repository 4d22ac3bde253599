"""Keys that encrypt the originals of ``mapping``: apart from the key of the pseudonyms.

A sealed value names its key in a header, so that values under several keys can be read at one
time, and the keys can be rotated while all pseudonyms stay the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from jobs.common.cli.errors import JobError
from safelight.pseudonyms import Pseudonyms

#: First byte of a sealed value: its key is derived from a key with an ID, which follows.
KEY_ID_FORMAT = b"\x02"

#: First byte of a sealed value: its key is a data key of AWS KMS, whose encrypted form follows.
DATA_KEY_FORMAT = b"\x03"

#: First byte of values of earlier versions: no header, key derived from that of the pseudonyms.
FORMAT_WITHOUT_HEADER = b"\x01"

_KEY_ID_BYTES = 8
_LENGTH_BYTES = 2
_PURPOSE = "mapping/seal"


@dataclass(frozen=True)
class SealingKey:
    """Key of AES-256 for sealed values of one namespace.

    Attributes
    ----------
    header : bytes
        First bytes of each sealed value; they identify the key.
    key : bytes
        Key of 32 bytes.
    """

    header: bytes
    key: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """Return the ID of the key, or ``kms`` for a data key of AWS KMS."""
        return describe_header(self.header)


def derive_sealing_key(names: Pseudonyms) -> SealingKey:
    """Return the key for sealed values that is derived from a key of a key ring.

    Parameters
    ----------
    names : Pseudonyms
        Derivations from a sealing key, or from the key of the pseudonyms if the key ring has no
        sealing key, in the namespace of the values.
    """
    return SealingKey(KEY_ID_FORMAT + bytes.fromhex(names.key_id), names.subkey(_PURPOSE))


def make_data_key(encrypted_key: bytes, key: bytes) -> SealingKey:
    """Return the key for sealed values that is a data key of AWS KMS.

    Parameters
    ----------
    encrypted_key : bytes
        Data key, encrypted by AWS KMS. It is part of each sealed value.
    key : bytes
        Data key of 32 bytes.

    Returns
    -------
    SealingKey
        Key and header with the encrypted data key.
    """
    length = len(encrypted_key).to_bytes(_LENGTH_BYTES, "big")
    return SealingKey(DATA_KEY_FORMAT + length + encrypted_key, key)


def split_sealed(sealed: bytes) -> tuple[bytes, bytes]:
    """Return the header of a sealed value and the rest of it.

    Parameters
    ----------
    sealed : bytes
        Sealed value.

    Returns
    -------
    tuple of bytes
        Header, and nonce with ciphertext.

    Raises
    ------
    JobError
        If the format is unknown.
    """
    sealed_format = sealed[:1]
    if sealed_format == FORMAT_WITHOUT_HEADER:
        length = 1
    elif sealed_format == KEY_ID_FORMAT:
        length = 1 + _KEY_ID_BYTES
    elif sealed_format == DATA_KEY_FORMAT:
        first = 1 + _LENGTH_BYTES
        length = first + int.from_bytes(sealed[1:first], "big")
    else:
        raise JobError(
            "an encrypted value has an unknown format; use the version that wrote it, or a later "
            "one"
        )
    return sealed[:length], sealed[length:]


def encrypted_data_key(header: bytes) -> bytes:
    """Return the encrypted data key of a header; empty if the header has none."""
    return header[1 + _LENGTH_BYTES :] if header[:1] == DATA_KEY_FORMAT else b""


def describe_header(header: bytes) -> str:
    """Return the ID of the key that a header names.

    Parameters
    ----------
    header : bytes
        Header of a sealed value.

    Returns
    -------
    str
        ID in hexadecimal, ``kms`` for a data key of AWS KMS, or ``derived`` for a value of an
        earlier version, whose key is derived from that of the pseudonyms.
    """
    if header[:1] == KEY_ID_FORMAT:
        return header[1:].hex()
    return "kms" if header[:1] == DATA_KEY_FORMAT else "derived"
