"""Find shapes of identifying text, such as telephone numbers, in free text.

The patterns are in ``phi_shapes.yaml``; names of persons are found by lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from safelight.verify.person_names import find_person_names

#: Shape of a given name next to a surname.
PERSON_NAME = "name of a person"


@dataclass(frozen=True)
class _Shape:
    """Pattern of a shape of identifying text.

    Attributes
    ----------
    name : str
    is_date : bool
        Whether the shape is searched for only together with dates.
    pattern : re.Pattern
    exception : re.Pattern or None
        A match in which this pattern is found is not reported.
    """

    name: str
    is_date: bool
    pattern: re.Pattern[str]
    exception: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _load_shapes() -> tuple[_Shape, ...]:
    """Return the shapes in the order of the file, dates last."""
    text = (files("safelight.verify") / "phi_shapes.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    shapes = [
        _Shape(
            shape["name"],
            shape.get("date", False),
            re.compile(shape["pattern"]),
            re.compile(shape["except"]) if "except" in shape else None,
        )
        for shape in data["shapes"]
    ]
    dates = [_Shape("date", True, re.compile(pattern), None) for pattern in data["dates"]]
    return (*shapes, *dates)


def find_phi_shapes(text: str, with_dates: bool) -> Iterator[tuple[str, str]]:
    """Yield the shapes of identifying text in a text.

    Parameters
    ----------
    text : str
    with_dates : bool
        Whether dates are reported.

    Yields
    ------
    tuple of (str, str)
        Name of the shape, and the text that matches (PHI).
    """
    for shape in _load_shapes():
        if shape.is_date and not with_dates:
            continue
        for match in shape.pattern.finditer(text):
            if shape.exception is None or not shape.exception.search(match[0]):
                yield shape.name, match[0]
    for name in find_person_names(text):
        yield PERSON_NAME, name
