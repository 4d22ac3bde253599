"""Month and weekday names of the languages that dates are read in (``calendar_names.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml


@dataclass(frozen=True)
class CalendarNames:
    """Written name (lower case) → its places, in the order of the languages.

    A place is (language, number from 0, form): form 0 is the full name, others abbreviate.
    """

    months: dict[str, tuple[tuple[str, int, int], ...]]
    weekdays: dict[str, tuple[tuple[str, int, int], ...]]
    forms: dict[str, dict[str, list[list[str]]]]


@lru_cache(maxsize=1)
def calendar_names() -> CalendarNames:
    """The shipped names."""
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
