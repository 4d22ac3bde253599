"""What counts as one token: a run of letters and digits, or one other character.

Training and the Spark NLP tokenizer share this pattern, so that labels mean the same in both.
``SMITH^JOHN^A``, ``LAST_FIRST`` and ``DOB:03/04/56`` fall apart at every separator.
"""

from __future__ import annotations

import re

#: Where Spark NLP's RegexTokenizer cuts (``java.util.regex``): white space is lost, and there
#: is a border on either side of whatever is neither letter, digit nor combining mark.
JAVA_BOUNDARY = r"\s+|(?<=[^\s\p{L}\p{M}\p{N}])|(?=[^\s\p{L}\p{M}\p{N}])"

# ``re`` has no \p{L}: word characters without the underscore are letters and digits; combining
# marks are added by block.
_PATTERN = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+|[^\s]")


def tokenize(text: str) -> list[tuple[int, int]]:
    """Begin and end (half open, code points) of each token."""
    return [match.span() for match in _PATTERN.finditer(text)]
