"""Codes of devices that screens print: transducers, endoscopes, coils, software versions."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

import yaml

#: A word for the version of a program, at the end of a text.
_VERSION_WORD = re.compile(
    r"(?:\b(?:version|software|release|build|firmware|sw|ver|rev)\b|\bv)[\s:.#]*$", re.IGNORECASE
)
#: A version: numbers with points.
_VERSION = re.compile(r"[A-Z]?\d{1,4}(?:[._]\w{1,8}){1,4}")


@lru_cache(maxsize=4096)
def is_device_code(word: str) -> bool:
    """Return whether a word is the code of a device or of a part of it."""
    return any(pattern.fullmatch(word) for pattern in _load_patterns())


def is_version(text: str, before: str) -> bool:
    """Return whether a text is a version number that follows a word such as "Software Version".

    Parameters
    ----------
    text : str
        Text that may be a version number.
    before : str
        Text of the row before it.
    """
    return _VERSION.fullmatch(text) is not None and _VERSION_WORD.search(before) is not None


@lru_cache(maxsize=1)
def _load_patterns() -> tuple[re.Pattern[str], ...]:
    """Return the expressions of all makers."""
    file = resources.files("safelight.pixels.lexicon") / "device_codes.yaml"
    makers: dict[str, list[str]] = yaml.safe_load(file.read_text("utf-8"))
    return tuple(re.compile(pattern) for patterns in makers.values() for pattern in patterns)
