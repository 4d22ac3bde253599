"""Recognize base64: a text that holds another text, which no other recognizer can read."""

from __future__ import annotations

import re

from safelight.text.base64_decoding import decode_base64

#: Characters from which on base64 of any content is hidden; shorter runs only if they are a text.
_ANY_CONTENT_MIN_CHARACTERS = 64
#: Shares of printable characters, and of letters, in a decoded text, at least.
_PRINTABLE_SHARE, _LETTERS_SHARE = 0.95, 0.4
#: Share of the bytes of a text in Latin-1 that are not ASCII, at most.
_OTHER_BYTES_SHARE = 0.2
_PRINTABLE = re.compile(r"[\t\r\n -~\u00a0-\u024f]")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]+")


def is_base64_text(value: str) -> bool:
    """Return whether a run of characters is base64 (RFC 4648) of a text, or a long run of base64.

    Parameters
    ----------
    value : str
        Letters, digits, ``+/-_`` and padding, possibly in several lines.
    """
    run = "".join(value.split())
    digits = any(map(str.isdigit, run)) or run.endswith("=")
    if not digits or not any(map(str.isupper, run)) or not any(map(str.islower, run)):
        return False
    data = decode_base64(run)
    if data is None:
        return False
    if len(run) >= _ANY_CONTENT_MIN_CHARACTERS and "-" not in run and "_" not in run:
        return _HEXADECIMAL.fullmatch(run) is None
    return any(_is_text(data, encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")) or (
        sum(byte > 127 for byte in data) <= _OTHER_BYTES_SHARE * len(data)
        and _is_text(data, "latin-1")
    )


def _is_text(data: bytes, encoding: str) -> bool:
    """Return whether bytes are a plausible text: printable characters, most of them letters."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    printable = len(_PRINTABLE.findall(text))
    letters = sum(char.isalpha() or char == " " for char in text)
    return (
        len(text) > 0
        and printable >= _PRINTABLE_SHARE * len(text)
        and letters >= _LETTERS_SHARE * len(text)
    )
