"""Find keys that are short or that are obviously not random."""

from __future__ import annotations

MINIMUM_KEY_BYTES = 32

#: Distinct byte values of a key. A random key of 32 bytes has fewer with a probability below
#: 1e-25; a passphrase of 32 letters has about 15. Keys that pass may still be guessable.
MIN_DISTINCT_BYTES = 12


def find_key_defect(key: bytes) -> str:
    """Return why a key must not be used; empty if it may be.

    Parameters
    ----------
    key : bytes

    Returns
    -------
    str
        What is wrong and what to do, as a clause after "the key". It never holds the key.
    """
    if len(key) < MINIMUM_KEY_BYTES:
        return (
            f"has {len(key)} bytes; give one of at least {MINIMUM_KEY_BYTES}, such as 64 random "
            "hex digits"
        )
    if len(set(key)) < MIN_DISTINCT_BYTES or _is_repetition(key):
        return (
            "repeats a few byte values, so it is not random; create one with "
            "`safelight keys create` or `openssl rand -hex 32`"
        )
    return ""


def _is_repetition(key: bytes) -> bool:
    """Return whether a key repeats its first half or fewer bytes."""
    return any(key.startswith(key[period:]) for period in range(1, len(key) // 2 + 1))
