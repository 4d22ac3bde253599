"""Secrets: a usage error, or keys of at least 32 bytes; no message holds the secret."""

from __future__ import annotations

import json

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.secrets.key_ring import make_key, parse_secret
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from safelight.key_strength import MINIMUM_KEY_BYTES
from safelight.pseudonyms import Pseudonyms

_CIPHER = ValueCipher(Pseudonyms(bytes(range(32))))
_CONTEXT = ValueContext("id", "00", "a", "b")


def seeds() -> list[bytes]:
    """Return a key ring, keys and a sealed value."""
    ring = {
        "format": "safelight-key-ring-1",
        "pseudonym_keys": [{"id": make_key().key_id, "key": "00" * 32, "created": ""}],
    }
    return [json.dumps(ring).encode(), bytes(range(32)), bytes(range(40)).hex().encode(),
            _CIPHER.encrypt(_CONTEXT, "x")]  # fmt: skip


def run(data: bytes) -> None:
    """Parse a secret, and open a sealed value."""
    try:
        ring = parse_secret(data)
        assert len(ring.key) >= MINIMUM_KEY_BYTES
    except UsageError as error:
        text = data.decode("utf-8", "replace")
        assert len(text) < 40 or text not in str(error)
    try:
        _CIPHER.decrypt(_CONTEXT, data)
    except JobError as error:
        assert str(error)
