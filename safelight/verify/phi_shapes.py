"""Shapes of identifying text in free text (shapes.yaml)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = (files("safelight.verify") / "phi_shapes.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@lru_cache(maxsize=1)
def _shapes() -> tuple[tuple[str, bool, re.Pattern[str], re.Pattern[str] | None], ...]:
    return tuple(
        (
            shape["name"],
            shape.get("date", False),
            re.compile(shape["pattern"]),
            re.compile(shape["except"]) if "except" in shape else None,
        )
        for shape in _data()["shapes"]
    )


@lru_cache(maxsize=1)
def _dates() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in _data()["dates"])


def find_phi_shapes(text: str, dates: bool) -> Iterator[tuple[str, str]]:
    """Identifying shapes in a text.

    Parameters
    ----------
    text : str
    dates : bool
        Whether dates are looked for as well.

    Yields
    ------
    tuple of str
        Name of the shape; the text that has it (PHI).
    """
    for name, is_date, pattern, exception in _shapes():
        if is_date and not dates:
            continue
        for match in pattern.finditer(text):
            if exception is None or not exception.search(match[0]):
                yield name, match[0]
    if dates:
        for pattern in _dates():
            for match in pattern.finditer(text):
                yield "date", match[0]
