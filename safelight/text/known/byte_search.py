"""Find known values of a patient in bytes that are not text: tables, samples, profiles.

The values of a sender occur in them as they are, so that a search for whole words is enough. Short
words would be found by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from safelight.text.known.needle_index import NeedleIndex

#: Shortest encoding of a word that is searched. Six given bytes occur by chance in one of
#: 10,000 GB.
MIN_BYTES = 6
#: Shortest word of letters that share the first byte in UTF-16, as those of an alphabet do.
_MIN_LETTERS = 6
#: First character of the scripts whose characters differ in both bytes of UTF-16.
_FIRST_IDEOGRAPH = "\u3000"

#: Smooth pictures have samples of nearly equal levels in a row, which are digits by chance.
_TEXTURE_SAMPLES = 8
_MAX_TEXTURES = 1000
_TEXTURE_LEVELS = range(ord("0") - 16, ord("9") + 17)

#: Bytes that are searched at a time, so that pixel data need no second copy in memory.
_BLOCK_BYTES = 1 << 20

_NAME_SEPARATORS = re.compile(r"[\W_]+")
_MIN_PAIR_LETTERS = 7
_PART_SEPARATORS = (" ", "^", ", ", "_")


class ByteSearch:
    """Search for values in UTF-8 and UTF-16, those in ASCII in capitals or not.

    Parameters
    ----------
    names : iterable of str
        Names, of which each part is searched, and short parts together with their neighbor.
    identifiers : iterable of str
        Identifiers and contacts, which are searched as they are.
    """

    def __init__(self, names: Iterable[str], identifiers: Iterable[str]):
        parts = [[part for part in _NAME_SEPARATORS.split(name) if part] for name in names]
        words = [word for name in parts for word in name]
        words += [pair for name in parts for pair in _join_short_parts(name)]
        words += [identifier.strip() for identifier in identifiers]
        needles = dict.fromkeys(
            needle for word in words for needle in _encode(word.lower()) if len(needle) >= MIN_BYTES
        )
        self._overlap = max(map(len, needles), default=0)
        self._index = NeedleIndex((needle.decode("latin-1"), needle) for needle in needles)

    def occurs_in(self, data: bytes | memoryview, are_samples: bool = False) -> bool:
        """Return whether bytes hold one of the values.

        Parameters
        ----------
        data : bytes or memoryview
        are_samples : bool
            Whether the bytes are those of a picture. Characters in equal steps, and digits among
            levels near those of digits, do not count then.
        """
        if not self._overlap:
            return False
        view = memoryview(data)
        for start in range(0, len(view), _BLOCK_BYTES):
            block = bytes(view[start : start + _BLOCK_BYTES + self._overlap]).lower()
            found = self._index.find(block.decode("latin-1"))
            if any(not (are_samples and _is_picture(block, needle)) for needle in found):
                return True
        return False


def _join_short_parts(parts: list[str]) -> Iterator[str]:
    """Yield adjacent parts of a name together if one is too short to be searched alone."""
    for one, other in pairwise(parts):
        is_short = min(len(one), len(other)) < MIN_BYTES
        if is_short and one.isascii() and other.isascii() and len(one + other) >= _MIN_PAIR_LETTERS:
            for separator in _PART_SEPARATORS:
                yield f"{one}{separator}{other}"
                yield f"{other}{separator}{one}"


def _encode(word: str) -> Iterator[bytes]:
    """Yield the encodings of a word; its last byte in UTF-16 depends on the byte order."""
    if word.isascii():
        if len(word) >= MIN_BYTES:
            yield word.encode("ascii")
            yield word.encode("utf-16-le")[:-1]
        return
    is_varied = len(word) >= _MIN_LETTERS or min(word) >= _FIRST_IDEOGRAPH
    for codec in ("utf-8", "utf-16-le", "utf-16-be") if is_varied else ("utf-8",):
        yield from (form.encode(codec).lower() for form in (word, word.upper(), word.title()))


def _is_picture(block: bytes, needle: bytes) -> bool:
    """Return whether a value in bytes may be samples of a ramp, or of a texture."""
    steps = {right - left for left, right in pairwise(needle.replace(b"\0", b""))}
    return len(steps) == 1 or _is_texture(block, needle)


def _is_texture(block: bytes, needle: bytes) -> bool:
    """Return whether digits in bytes are samples of a texture, wherever they occur.

    The samples before and after them have levels near those of digits, which other text has not.
    """
    if not needle.translate(None, b"\0-./").isdigit():
        return False
    step = 1 + (b"\0" in needle)
    begin = block.find(needle)
    for _ in range(_MAX_TEXTURES):
        if begin < 0:
            return True
        end = begin + len(needle)
        before = block[max(0, begin - _TEXTURE_SAMPLES * step) : begin]
        around = (before + block[end : end + _TEXTURE_SAMPLES * step]).translate(None, b"\0")
        levels = sum(level in _TEXTURE_LEVELS for level in around)
        if levels < _TEXTURE_SAMPLES or levels < 0.8 * len(around):
            return False
        begin = block.find(needle, begin + 1)
    return False
