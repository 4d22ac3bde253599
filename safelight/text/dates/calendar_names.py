"""Load the month and weekday names of four languages (``calendar_names.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml


@dataclass(frozen=True)
class CalendarNames:
    """Month and weekday names, by their written form and by language.

    Attributes
    ----------
    months, weekdays : dict
        Written name in lower case → (language, number from 0, form) of every language that has
        it. Form 0 is the full name; the others are abbreviations or variants.
    forms : dict
        ``months`` or ``weekdays`` → language → number from 0 → written forms.
    """

    months: dict[str, tuple[tuple[str, int, int], ...]]
    weekdays: dict[str, tuple[tuple[str, int, int], ...]]
    forms: dict[str, dict[str, list[list[str]]]]


@lru_cache(maxsize=1)
def calendar_names() -> CalendarNames:
    """Return the names of ``calendar_names.yaml``."""
    text = (resources.files("safelight.text.dates") / "calendar_names.yaml").read_text("utf-8")
    forms: dict[str, dict[str, list[list[str]]]] = yaml.safe_load(text)
    tables: dict[str, dict[str, tuple[tuple[str, int, int], ...]]] = {}
    for kind, languages in forms.items():
        table: dict[str, list[tuple[str, int, int]]] = {}
        for language, names in languages.items():
            for number, written in enumerate(names):
                for form, name in enumerate(written):
                    table.setdefault(name, []).append((language, number, form))
        tables[kind] = {name: tuple(places) for name, places in table.items()}
    return CalendarNames(tables["months"], tables["weekdays"], forms)
