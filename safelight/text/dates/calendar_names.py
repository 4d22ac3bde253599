"""Load the month and weekday names of six languages (``months.csv``, ``weekdays.csv``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from safelight.text.lexicon.word_lists import entries


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


def _forms(kind: str) -> dict[str, list[list[str]]]:
    """Return the written forms of a list by language and number, the full name first."""
    forms: dict[str, list[list[str]]] = {}
    for name, (language,), (number, *_) in entries(kind):
        names = forms.setdefault(language, [])
        if int(number) > len(names):
            names.append([])
        names[int(number) - 1].append(name)
    return forms


@lru_cache(maxsize=1)
def calendar_names() -> CalendarNames:
    """Return the names of ``months.csv`` and ``weekdays.csv``."""
    forms = {kind: _forms(kind) for kind in ("months", "weekdays")}
    tables: dict[str, dict[str, tuple[tuple[str, int, int], ...]]] = {}
    for kind, languages in forms.items():
        table: dict[str, list[tuple[str, int, int]]] = {}
        for language, names in languages.items():
            for number, written in enumerate(names):
                for form, name in enumerate(written):
                    table.setdefault(name, []).append((language, number, form))
        tables[kind] = {name: tuple(places) for name, places in table.items()}
    return CalendarNames(tables["months"], tables["weekdays"], forms)
