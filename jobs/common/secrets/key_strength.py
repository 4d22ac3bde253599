"""Refuse keys that are short or that are obviously not random."""

from __future__ import annotations

from jobs.common.cli.errors import UsageError
from safelight.pseudonyms import MINIMUM_KEY_BYTES

#: Distinct byte values of a key. A random key of 32 bytes has fewer with a probability below
#: 1e-25; a passphrase of 32 letters has about 15. Keys that pass may still be guessable.
MIN_DISTINCT_BYTES = 12

_ADVICE = "create one with `safelight keys create` or `openssl rand -hex 32`"


def check_key_strength(key: bytes) -> None:
    """Check that a key is long enough and does not repeat a few bytes.

    Parameters
    ----------
    key : bytes
        Decoded key.

    Raises
    ------
    UsageError
        If the key is too short or of obviously low entropy. The message never holds the key.
    """
    if len(key) < MINIMUM_KEY_BYTES:
        raise UsageError(
            f"the key of --key has {len(key)} bytes; "
            f"give one of at least {MINIMUM_KEY_BYTES}, such as 64 random hex digits"
        )
    if len(set(key)) < MIN_DISTINCT_BYTES or _is_repetition(key):
        raise UsageError(
            f"the key of --key repeats a few byte values, so it is not random; {_ADVICE}"
        )


def _is_repetition(key: bytes) -> bool:
    """Return whether a key repeats its first half or fewer bytes."""
    return any(key.startswith(key[period:]) for period in range(1, len(key) // 2 + 1))
