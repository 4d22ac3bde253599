"""Regular expressions of rules files, which run in time that is linear in the input.

A pattern with nested quantifiers takes exponential time in most engines, so that one value could
stop a worker. RE2 does not backtrack; it therefore has no look-around and no back-references.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

#: Memory of one compiled pattern. RE2 refuses a pattern that needs more.
_MAX_PATTERN_BYTES = 1 << 20

#: Longer patterns are refused.
MAX_PATTERN_CHARACTERS = 1000


def find_pattern_defect(pattern: str) -> str:
    """Return why a pattern cannot be used; empty if it can.

    Parameters
    ----------
    pattern : str
    """
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        return f"it has more than {MAX_PATTERN_CHARACTERS} characters"
    try:
        _compile(pattern, True)
    except re2.error as error:
        message = error.args[0] if error.args else ""
        text = message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
        return text or "it is not valid"
    return ""


def find_replacement_defect(pattern: str, replacement: str) -> str:
    r"""Return why a replacement cannot be used; empty if it can.

    Parameters
    ----------
    pattern : str
        A valid pattern.
    replacement : str
        Replacement with groups as ``\1``.
    """
    try:
        _compile(pattern, False).sub(replacement, "")
        match = _compile(f"(?:{pattern})|", False).search("")
        if match is not None:
            match.expand(replacement)
    except (re2.error, IndexError, KeyError) as error:
        return f"{type(error).__name__}: use groups of the pattern, as \\1"
    return ""


def is_found(pattern: str, text: str) -> bool:
    """Return whether a pattern is found in a text, without regard to case.

    Parameters
    ----------
    pattern : str
    text : str
    """
    return _compile(pattern, False).search(text) is not None


def substitute(pattern: str, replacement: str, text: str) -> str:
    r"""Return a text in which each match of a pattern is replaced. Case counts.

    Parameters
    ----------
    pattern : str
    replacement : str
        Replacement with groups as ``\1``.
    text : str
    """
    return str(_compile(pattern, True).sub(replacement, text))


def escape_pattern(text: str) -> str:
    """Return a pattern that matches exactly a text."""
    return re.sub(r"([^\w\s])", r"\\\1", text, flags=re.ASCII)


@lru_cache(maxsize=1024)
def _compile(pattern: str, case_sensitive: bool) -> Any:  # the package has no type hints
    options = re2.Options()
    options.case_sensitive = case_sensitive
    options.log_errors = False
    options.max_mem = _MAX_PATTERN_BYTES
    return re2.compile(pattern, options)
