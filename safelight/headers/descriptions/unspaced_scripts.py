"""Find text in scripts without spaces between words, which no recognizer reads.

The text model and the lists of names know alphabets. A name in Chinese, Japanese, Korean or Thai
characters would be left, so all that does not consist of words of imaging is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from safelight.records import Span
from safelight.text.lexicon.word_lists import read_list
from safelight.text.recognizers.full_names import LIST_CONFIDENCE

#: Characters of Thai, Lao, kana, Han and Hangul, and kana of half width.
_RUN = re.compile(
    "[\u0e00-\u0eff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9f"
    "\U00020000-\U0003ffff]+"
)


def find_unread_runs(value: str) -> Iterator[Span]:
    """Yield the runs of such characters that are not terms of imaging.

    Parameters
    ----------
    value : str
        Value of an element.

    Yields
    ------
    Span
        NAME, engine ``regex``.
    """
    if value.isascii():
        return
    for match in _RUN.finditer(value):
        if not _imaging_words().fullmatch(match[0]):
            yield Span(*match.span(), "NAME", "regex", LIST_CONFIDENCE)


@cache
def _imaging_words() -> re.Pattern[str]:
    """Return the expression of one or more words of imaging in a row."""
    words = set(" ".join(read_list("unspaced_imaging_words.txt")).split())
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("(?:" + "|".join(map(re.escape, longest_first)) + ")+")
