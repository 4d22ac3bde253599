"""Decode base64 as it is in texts: both alphabets of RFC 4648, with or without padding."""

from __future__ import annotations

import base64
import binascii

_URL_SAFE = str.maketrans("-_", "+/")


def decode_base64(run: str) -> bytes | None:
    """Return the content of base64; None if it is not base64.

    Parameters
    ----------
    run : str
        Characters without blanks.
    """
    digits = run.rstrip("=").translate(_URL_SAFE)
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
