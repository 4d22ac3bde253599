r"""Define tokens: a run of letters and digits, or one other character that is not white space.

Training and the tokenizer of Spark NLP share this definition, so that labels refer to the same
tokens. ``SMITH^JOHN^A``, ``LAST_FIRST`` and ``DOB:03/04/56`` are split at every separator.
"""

from __future__ import annotations

import re

#: Borders for the RegexTokenizer of Spark NLP (``java.util.regex``): white space is dropped, and
#: there is a border on either side of each character that is not a letter, digit or combining mark.
JAVA_BOUNDARY = r"\s+|(?<=[^\s\p{L}\p{M}\p{N}])|(?=[^\s\p{L}\p{M}\p{N}])"

# ``re`` has no \p{L}: word characters without the underscore are letters and digits; combining
# marks are added by block.
_TOKEN = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+|[^\s]")


def tokenize(text: str) -> list[tuple[int, int]]:
    """Return begin and end (code points, half open) of each token of a text."""
    return [match.span() for match in _TOKEN.finditer(text)]
