"""Key ring: the keys of the pseudonyms and the keys that seal originals, current and earlier ones.

A secret is either one key, or a key ring in JSON. The first key of each list is the current one.
The key of the pseudonyms determines all pseudonyms and date shifts, so it changes only on request.
The sealing keys encrypt the originals in ``mapping`` and can be rotated at any time.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Optional

from jobs.common.cli.errors import UsageError
from safelight.key_strength import find_key_defect
from safelight.pseudonyms import Pseudonyms

#: Value of ``format`` of a key ring.
RING_FORMAT = "safelight-key-ring-1"

#: Bytes of a new key.
NEW_KEY_BYTES = 32

_LINE_END = re.compile(rb"\r?\n\Z")

_DAMAGED = (
    "the key ring of --key is damaged; restore an earlier version of the secret, or give that one"
)


@dataclass(frozen=True)
class RingKey:
    """One key of a key ring.

    Attributes
    ----------
    key : bytes
        Key of at least 32 bytes.
    created : str
        Time of its creation in UTC (ISO 8601); empty if it is not known.
    """

    key: bytes = field(repr=False)
    created: str = ""

    @property
    def key_id(self) -> str:
        """Return the ID of the key, as in the column ``key_id``."""
        return Pseudonyms(self.key).key_id


@dataclass(frozen=True)
class KeyRing:
    """Keys of one secret.

    Attributes
    ----------
    pseudonym_keys : tuple of RingKey
        Keys of the pseudonyms: the current one, and earlier ones for re-identification.
    sealing_keys : tuple of RingKey
        Keys of the originals in ``mapping``, the current one first. Without one, the key is derived
        from that of the pseudonyms.
    """

    pseudonym_keys: tuple[RingKey, ...]
    sealing_keys: tuple[RingKey, ...] = ()

    @property
    def key(self) -> bytes:
        """Return the current key of the pseudonyms."""
        return self.pseudonym_keys[0].key

    @property
    def key_id(self) -> str:
        """Return the ID of the current key of the pseudonyms."""
        return self.pseudonym_keys[0].key_id

    def find(self, key_id: str) -> Optional[RingKey]:
        """Return the key of the pseudonyms with an ID; ``None`` if the key ring lacks it."""
        return next((key for key in self.pseudonym_keys if key.key_id == key_id), None)

    def with_sealing_key(self, key: RingKey) -> KeyRing:
        """Return a key ring whose current sealing key is another one; earlier ones are kept."""
        return replace(self, sealing_keys=(key, *self.sealing_keys))

    def with_pseudonym_key(self, key: RingKey) -> KeyRing:
        """Return a key ring whose current key of the pseudonyms is another one."""
        return replace(self, pseudonym_keys=(key, *self.pseudonym_keys))

    def to_json(self) -> str:
        """Return the key ring as the text of a secret. HOLDS THE KEYS."""
        content = {
            "format": RING_FORMAT,
            "pseudonym_keys": [_to_content(key) for key in self.pseudonym_keys],
            "sealing_keys": [_to_content(key) for key in self.sealing_keys],
        }
        return json.dumps(content, indent=1)


def make_key() -> RingKey:
    """Return a new random key."""
    created = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return RingKey(secrets.token_bytes(NEW_KEY_BYTES), created)


def parse_secret(secret: bytes) -> KeyRing:
    """Return the key ring of a secret: a key ring in JSON, or one key.

    Parameters
    ----------
    secret : bytes
        Content of the secret.

    Returns
    -------
    KeyRing
        Checked keys.

    Raises
    ------
    UsageError
        If a key is too short or of obviously low entropy, or the key ring is damaged. The message
        never holds the secret.
    """
    content = _parse_json(secret)
    if content is None or "format" not in content:
        key = decode_secret(secret)
        _check_strength(key)
        ring = KeyRing((RingKey(key),))
    elif content["format"] == RING_FORMAT:
        pseudonym_keys = _parse_keys(content.get("pseudonym_keys"))
        if not pseudonym_keys:
            raise UsageError(_DAMAGED)
        ring = KeyRing(pseudonym_keys, _parse_keys(content.get("sealing_keys")))
    else:
        raise UsageError(
            "the key ring of --key has an unknown format; use the version that wrote it, or a "
            "later one"
        )
    return ring


def _check_strength(key: bytes) -> None:
    if defect := find_key_defect(key):
        raise UsageError(f"the key of --key {defect}")


def decode_secret(secret: bytes) -> bytes:
    """Decode a secret that is written as hex, as base64, or raw.

    Hex is tried first: 64 hex digits are a key of 32 bytes, not 64 raw bytes. The end of the
    last line of a text is not part of a key, so that a file and a variable give the same one.
    """
    without_end = _LINE_END.sub(b"", secret)
    if without_end.isascii() and without_end.decode("ascii").isprintable():
        secret = without_end
    text = secret.strip()
    if re.fullmatch(rb"(?:[0-9A-Fa-f]{2})+", text):
        return bytes.fromhex(text.decode())
    if re.fullmatch(rb"[A-Za-z0-9+/_-]+={0,2}", text) and len(text) % 4 == 0:
        try:
            return base64.b64decode(text.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
        except binascii.Error:
            return secret
    return secret


def _to_content(key: RingKey) -> dict[str, str]:
    return {"id": key.key_id, "created": key.created, "key": key.key.hex()}


def _parse_json(secret: bytes) -> Optional[Mapping[str, object]]:
    """Return the JSON object of a secret; ``None`` if the secret is a key."""
    if not secret.lstrip().startswith(b"{"):
        return None
    try:
        content = json.loads(secret)
    except ValueError:  # a raw key may begin with a brace
        return None
    return content if isinstance(content, dict) else None


def _parse_keys(entries: object) -> tuple[RingKey, ...]:
    """Return the keys of one list of a key ring; their IDs protect against damage."""
    if not isinstance(entries, Sequence):
        raise UsageError(_DAMAGED)
    keys = []
    for entry in entries:
        try:
            key = RingKey(bytes.fromhex(entry["key"]), str(entry.get("created", "")))
            key_id = entry["id"]
        except (TypeError, KeyError, ValueError, AttributeError):
            raise UsageError(_DAMAGED) from None
        _check_strength(key.key)
        if key.key_id != key_id:
            raise UsageError(_DAMAGED)
        keys.append(key)
    return tuple(keys)
