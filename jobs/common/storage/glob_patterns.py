"""Match paths and keys against glob patterns."""

from __future__ import annotations

import re
from collections.abc import Callable

_WILDCARD = re.compile(r"[*?\[]")


def literal_prefix(pattern: str) -> str:
    """Return the part of a pattern before its first wildcard."""
    wildcard = _WILDCARD.search(pattern)
    return pattern[: wildcard.start()] if wildcard else pattern


def has_wildcard(pattern: str) -> bool:
    """Return whether a pattern holds a wildcard."""
    return _WILDCARD.search(pattern) is not None


def compile_glob(pattern: str) -> Callable[[str], object]:
    """Return a function that matches whole paths.

    ``*`` and ``?`` do not match a slash, ``**`` does.
    """
    parts = re.split(r"(\*\*|\*|\?|\[[^\]]+\])", pattern)
    wildcards = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    translated = (
        wildcards.get(part) or (part.replace("[!", "[^") if part[:1] == "[" else re.escape(part))
        for part in parts
    )
    return re.compile("".join(translated), re.DOTALL).fullmatch
