"""Detect the encoding of a file of notes.

UTF-8 and UTF-16 can be verified. Other bytes are read as Windows-1252, a superset of Latin-1,
but only if the result looks like Western text: letters form words, and signs are outside words.
A name in a wrong encoding would not be found as PHI, so files in all other encodings are
refused.
"""

from __future__ import annotations

import codecs
import re

AUTO = "auto"

_WESTERN = "cp1252"
#: A sign between two letters (``Ma³gorzata``) is a letter of another code page.
_SIGN_IN_WORD = re.compile(r"[^\W\d_][¡-¬®-¶¸-¿×÷‚„†‡ˆ‰˜€™‹›](?=[^\W\d_])")
#: ``é`` of UTF-8: a file of mixed encodings.
_UTF8_LETTER = re.compile(rb"\xc3[\x80-\xbf]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
#: Share of all letters; a text with more accented letters is not in a Western language.
_MAX_ACCENTED_SHARE = 0.25


def detect_encoding(data: bytes, named: str) -> str:
    """Return the codec of a file or of a part of one.

    Parameters
    ----------
    data : bytes
    named : str
        Encoding that the user names; ``auto`` to detect it.

    Returns
    -------
    str
        ``utf-8`` also if no encoding was detected: the records are then refused.
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
    """Return whether bytes that are not UTF-8 look like Windows-1252 text."""
    if _UTF8_LETTER.search(data):
        return False
    try:
        text = data.decode(_WESTERN)
    except UnicodeDecodeError:
        return False
    if _CONTROL.search(text) or _SIGN_IN_WORD.search(text):
        return False
    letters = sum(map(str.isalpha, text))
    accented = sum(character.isalpha() and character >= "\x80" for character in text)
    return accented <= _MAX_ACCENTED_SHARE * letters
