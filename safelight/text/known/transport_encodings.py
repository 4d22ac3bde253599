r"""Find the parts of a text that hold another text in an encoding for transport.

Senders copy values of messages and web pages into texts without decoding them: references of HTML
(``&#83;``), percent-encoding and quoted-printable (``%53``, ``=53``), escapes of JSON and of bytes
(``\u0053``, ``\x53``), hexadecimal or decimal codes of bytes, Base32 and Base64, letters with
separators between them. An override of the direction shows characters from right to left.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from safelight.text.base64_decoding import decode_base64
from safelight.text.lexicon.plain_text import plain_text


class DecodedPart(NamedTuple):
    """Decoded text of a part of a text, which begins and ends at two offsets."""

    begin: int
    end: int
    text: str


#: First character of every escape.
_ESCAPE_START = re.compile(r"[&%=\\]")
#: Characters around an escape that belong to the same value.
_TOKEN = re.compile(r"[^\s<>]+")
#: Characters that a reader shows from right to left (Unicode Standard Annex 9).
_RIGHT_TO_LEFT = "\u202e"
_OVERRIDE = re.compile("\u202e[^\u202c\n]*")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}){5,}(?![0-9A-Za-z])")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/=])")
_JSON_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_BYTE_ESCAPE = re.compile(r"\\x[0-9A-Fa-f]{2}")
#: Codes of single bytes, with separators or prefixes: ``53 4D``, ``53:4D``, ``0x53,0x4D``.
_HEX_CODES = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:0x)?[0-9A-Fa-f]{2}[ ,;:-]{1,2}){5,}(?:0x)?[0-9A-Fa-f]{2}"
    r"(?![0-9A-Za-z])"
)
_DECIMAL_CODES = re.compile(r"(?<![0-9.])(?:[0-9]{2,3}[ ,;]{1,2}){5,}[0-9]{2,3}(?![0-9.])")
_BASE32 = re.compile(r"(?<![A-Z0-9])[A-Z2-7]{16,}={0,6}(?![A-Z0-9=])")
#: Single letters and digits with one separator between them, and more between words.
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][ ._-]{1,3}){5,}[^\W_](?![^\W_])")
_WORD_GAP = re.compile(r"[ ._-]{2,}")
_SINGLE_SEPARATOR = re.compile(r"[ ._-]")


def find_decoded_parts(text: str) -> Iterator[DecodedPart]:
    """Yield the parts of a text that can be decoded to another text.

    Parameters
    ----------
    text : str

    Yields
    ------
    DecodedPart
    """
    if _ESCAPE_START.search(text) is not None:
        for escape, decode in _ESCAPES:
            if escape.search(text) is not None:
                tokens = (match for match in _TOKEN.finditer(text) if escape.search(match.group()))
                yield from _decode_matches(tokens, decode)
    if _RIGHT_TO_LEFT in text:
        yield from _decode_matches(_OVERRIDE.finditer(text), _reverse)
    candidates = (match for match in _BASE64.finditer(text) if not _is_word(match.group()))
    yield from _decode_matches(candidates, _decode_base64)
    for hint, expression, decode in _CODES:
        if hint.search(text) is not None:
            yield from _decode_matches(expression.finditer(text), decode)


def _decode_matches(
    matches: Iterable[re.Match[str]], decode: Callable[[str], str]
) -> Iterator[DecodedPart]:
    for match in matches:
        decoded = plain_text(" ".join(decode(match.group()).split())).text
        if decoded and decoded != match.group() and decoded.isprintable():
            yield DecodedPart(match.start(), match.end(), decoded)


def _is_word(part: str) -> bool:
    """Return whether letters have the case of a word, which those of Base64 rarely have."""
    return part[1:].islower() or part.isupper()


def _decode_bytes(raw: bytes) -> str:
    try:
        return raw.decode("utf-8").strip("\0")
    except UnicodeDecodeError:
        return ""


def _reverse(part: str) -> str:
    return part[:0:-1]


def _decode_base64(part: str) -> str:
    return _decode_bytes(decode_base64(part) or b"")


def _decode_hex(part: str) -> str:
    return _decode_bytes(bytes.fromhex(part))


def _decode_byte_escapes(part: str) -> str:
    return _decode_bytes(unquote_to_bytes(part.replace("%", "%25").replace("\\x", "%")))


def _decode_hex_codes(part: str) -> str:
    return _decode_hex("".join(re.findall(r"[0-9A-Fa-f]{2}", part.replace("0x", ""))))


def _decode_decimal_codes(part: str) -> str:
    codes = [int(code) for code in re.findall("[0-9]+", part)]
    return _decode_bytes(bytes(codes)) if max(codes) <= 0xFF else ""


def _decode_base32(part: str) -> str:
    letters = part.rstrip("=")
    try:
        return _decode_bytes(base64.b32decode(letters + "=" * (-len(letters) % 8)))
    except binascii.Error:
        return ""


def _join_letters(part: str) -> str:
    return " ".join(_SINGLE_SEPARATOR.sub("", word) for word in _WORD_GAP.split(part))


#: Expressions of a part of each such value, which few texts have and which are searched faster;
#: expressions of the value; functions that decode it.
_CODES: tuple[tuple[re.Pattern[str], re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile("[0-9A-Fa-f]{10}"), _HEX, _decode_hex),
    (re.compile(r"(?:[ ,;:-]{1,2}(?:0x)?[0-9A-Fa-f]{2}\b){4}"), _HEX_CODES, _decode_hex_codes),
    (re.compile(r"(?:[ ,;]{1,2}[0-9]{2,3}\b){4}"), _DECIMAL_CODES, _decode_decimal_codes),
    (re.compile(r"[A-Z2-7]{16}"), _BASE32, _decode_base32),
    (re.compile(r"(?:[ ._-][^\W_]\b){3}"), _SPACED, _join_letters),
)


#: Expressions of one escape, and functions that decode a token with such escapes.
_ESCAPES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile("&#"), html.unescape),
    (
        re.compile("%[0-9A-Fa-f]{2}"),
        lambda part: _decode_bytes(unquote_to_bytes(part.replace("+", " "))),
    ),
    (
        re.compile("(?:=[0-9A-Fa-f]{2}){2}"),
        lambda part: _decode_bytes(unquote_to_bytes(part.replace("=", "%"))),
    ),
    (
        _JSON_ESCAPE,
        lambda part: _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), part),
    ),
    (_BYTE_ESCAPE, _decode_byte_escapes),
)
