"""The encoding of a file of notes, where the user does not name it.

UTF-8 and UTF-16 prove themselves. Bytes that are neither are taken for Windows-1252, which has
all of Latin-1, only where they read as Western text: letters in words, and signs beside them. A
wrongly read name would not be found, so whatever else there is stays unread and is refused.
"""

from __future__ import annotations

import codecs
import re

AUTO = "auto"

_WESTERN = "cp1252"
#: A sign between two letters (``Ma³gorzata``) is a letter of another code page.
_MISREAD = re.compile(r"[^\W\d_][¡-¬®-¶¸-¿×÷‚„†‡ˆ‰˜€™‹›](?=[^\W\d_])")
#: ``é`` of UTF-8: a file of mixed encodings.
_MIXED = re.compile(rb"\xc3[\x80-\xbf]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
#: Of all letters: a text with more of them is not in a Western language.
_MOST_ACCENTED = 0.25


def encoding_of(data: bytes, named: str) -> str:
    """The codec of a file or of a piece of one.

    Parameters
    ----------
    data : bytes
    named : str
        What the user says; ``auto`` to look.

    Returns
    -------
    str
        ``utf-8`` also where it is none of those that can be told: then its records are refused.
    """
    if named != AUTO:
        return named
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) % 2 == 0:
        return "utf-16"
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return _WESTERN if _is_western(data) else "utf-8"


def _is_western(data: bytes) -> bool:
    if _MIXED.search(data):
        return False
    try:
        text = data.decode(_WESTERN)
    except UnicodeDecodeError:
        return False
    if _CONTROL.search(text) or _MISREAD.search(text):
        return False
    letters = sum(map(str.isalpha, text))
    accented = sum(character.isalpha() and character >= "\x80" for character in text)
    return accented <= _MOST_ACCENTED * letters
