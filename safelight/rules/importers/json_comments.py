"""Blank the comments of JSON files, which the parsers of some tools accept."""

from __future__ import annotations

import re

_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


def blank_comments(text: str) -> str:
    """Return JSON with a space for each character of a comment, so that positions stay.

    Parameters
    ----------
    text : str
    """
    return _STRING_OR_COMMENT.sub(lambda match: match[1] or re.sub(r"[^\n]", " ", match[0]), text)
