"""Find known values of a patient in bytes that are not text: tables, samples, profiles.

The values of a sender occur in them as they are, so that a search for whole words is enough. Short
words would be found by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from safelight.text.known.needle_index import NeedleIndex

#: Shortest encoding of a word that is searched. Six given bytes occur by chance in one of
#: 10,000 GB.
MIN_BYTES = 6
#: Shortest word in another script than Latin.
_MIN_CHARACTERS = 2

#: Bytes that are searched at a time, so that pixel data need no second copy in memory.
_BLOCK_BYTES = 1 << 20

_NAME_SEPARATORS = re.compile(r"[\W_]+")


class ByteSearch:
    """Search for values in UTF-8 and UTF-16, those in ASCII in capitals or not.

    Parameters
    ----------
    names : iterable of str
        Names, of which each part is searched.
    identifiers : iterable of str
        Identifiers and contacts, which are searched as they are.
    """

    def __init__(self, names: Iterable[str], identifiers: Iterable[str]):
        words = [word for name in names for word in _NAME_SEPARATORS.split(name)]
        words += [identifier.strip() for identifier in identifiers]
        needles = dict.fromkeys(
            needle for word in words for needle in _encode(word.lower()) if len(needle) >= MIN_BYTES
        )
        self._overlap = max(map(len, needles), default=0)
        self._index = NeedleIndex((needle.decode("latin-1"), None) for needle in needles)

    def occurs_in(self, data: bytes | memoryview) -> bool:
        """Return whether bytes hold one of the values.

        Parameters
        ----------
        data : bytes or memoryview
        """
        if not self._overlap:
            return False
        view = memoryview(data)
        for start in range(0, len(view), _BLOCK_BYTES):
            block = bytes(view[start : start + _BLOCK_BYTES + self._overlap]).lower()
            if self._index.find(block.decode("latin-1")):
                return True
        return False


def _encode(word: str) -> Iterator[bytes]:
    """Yield the encodings of a word; its last byte in UTF-16 depends on the byte order."""
    if word.isascii():
        if len(word) >= MIN_BYTES:
            yield word.encode("ascii")
            yield word.encode("utf-16-le")[:-1]
    elif len(word) >= _MIN_CHARACTERS:
        for codec in ("utf-8", "utf-16-le", "utf-16-be"):
            yield from (form.encode(codec).lower() for form in (word, word.upper(), word.title()))
