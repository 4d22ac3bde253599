"""Read names, places and shapes of numbers by region of the world.

A file in ``words/regions`` has one key per line, with its values after it, separated by ``|``. In a
shape, ``#`` is a digit, ``@`` a capital letter and ``~`` either of them.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, fields
from functools import cache
from random import Random

from tools.train_text_model.pools import WORDS, Split, in_split

_SHAPE_CHARACTERS = {
    "#": string.digits,
    "@": string.ascii_uppercase,
    "~": string.digits + string.ascii_uppercase,
}
#: Keys of patterns, which both halves share because their values are filled in.
_PATTERN_KEYS = ("postcodes", "addresses", "phones", "hosts", "hospitals")


@dataclass(frozen=True)
class Region:
    """Names, places and patterns of one region.

    Attributes
    ----------
    towns, districts, streets, given, surnames : tuple of str
        Values of one half of the lists.
    postcodes, phones : tuple of str
        Shapes, see `fill_shape`.
    addresses, hospitals : tuple of str
        Patterns with the names of values in braces.
    hosts : tuple of str
        Hosts of e-mail addresses.
    """

    towns: tuple[str, ...]
    districts: tuple[str, ...]
    streets: tuple[str, ...]
    given: tuple[str, ...]
    surnames: tuple[str, ...]
    postcodes: tuple[str, ...]
    addresses: tuple[str, ...]
    phones: tuple[str, ...]
    hosts: tuple[str, ...]
    hospitals: tuple[str, ...]


def fill_shape(shape: str, rng: Random) -> str:
    """Return a shape with its placeholders replaced by random characters.

    Parameters
    ----------
    shape : str
        Shape such as ``@@# #@@``.
    rng : random.Random
        Source of random numbers.
    """
    return "".join(rng.choice(_SHAPE_CHARACTERS.get(character, character)) for character in shape)


@cache
def read_regions(split: Split) -> tuple[Region, ...]:
    """Return the regions with the values of one half.

    Parameters
    ----------
    split : str
        Half to load, ``train`` or ``test``.
    """
    regions = []
    for path in sorted((WORDS / "regions").glob("*.txt")):
        lines = (line.split("|") for line in path.read_text(encoding="utf-8").splitlines())
        values = {key: tuple(filter(None, rest)) for key, *rest in lines}
        for key in values.keys() - set(_PATTERN_KEYS):
            values[key] = tuple(value for value in values[key] if in_split(value, split))
        regions.append(Region(**{field.name: values[field.name] for field in fields(Region)}))
    return tuple(regions)


@cache
def read_shapes(name: str) -> tuple[str, ...]:
    """Return the lines of a file of shapes in ``words/shapes``."""
    lines = (WORDS / "shapes" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line)
