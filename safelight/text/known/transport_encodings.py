r"""Find the parts of a text that hold another text in an encoding for transport.

Senders copy values of messages and web pages into texts without decoding them: references of HTML
(``&#83;``), percent-encoding and quoted-printable (``%53``, ``=53``), escapes of JSON
(``\u0053``), hexadecimal digits and Base64. An override of the direction shows characters from
right to left.
"""

from __future__ import annotations

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


#: Characters around an escape that belong to the same value.
_TOKEN = re.compile(r"[^\s<>]+")
#: Characters that a reader shows from right to left (Unicode Standard Annex 9).
_RIGHT_TO_LEFT = "\u202e"
_OVERRIDE = re.compile("\u202e[^\u202c\n]*")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}){5,}(?![0-9A-Za-z])")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/=])")
_JSON_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")


def find_decoded_parts(text: str) -> Iterator[DecodedPart]:
    """Yield the parts of a text that can be decoded to another text.

    Parameters
    ----------
    text : str

    Yields
    ------
    DecodedPart
    """
    for escape, decode in _ESCAPES:
        if escape.search(text) is not None:
            tokens = (match for match in _TOKEN.finditer(text) if escape.search(match.group()))
            yield from _decode_matches(tokens, decode)
    if _RIGHT_TO_LEFT in text:
        yield from _decode_matches(_OVERRIDE.finditer(text), _reverse)
    yield from _decode_matches(_HEX.finditer(text), _decode_hex)
    candidates = (match for match in _BASE64.finditer(text) if not _is_word(match.group()))
    yield from _decode_matches(candidates, _decode_base64)


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
)
