"""Read the lists of the recognizers of German, Spanish, French, Italian and Portuguese text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

import yaml


@cache
def load_lists(file_name: str) -> dict[str, Any]:
    """Return the lists of a YAML file of this package by name. Callers must not change them.

    Parameters
    ----------
    file_name : str
        For example ``foreign_dates.yaml``.
    """
    file = resources.files("safelight.text.recognizers") / file_name
    lists: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return lists


def any_of(alternatives: Iterable[str]) -> str:
    """Return regular expressions as one that matches any of them, the longest first."""
    distinct = dict.fromkeys(alternatives)  # keeps the order, unlike a set
    return "(?:" + "|".join(sorted(distinct, key=len, reverse=True)) + ")"
