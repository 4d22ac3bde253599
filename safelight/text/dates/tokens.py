"""Split a written date into tokens: numbers, month and weekday names, times and separators."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from safelight.text.dates.calendar_names import calendar_names
from safelight.text.lexicon.word_lists import word_set

_TOKEN = re.compile(
    r"(?P<time>[Tt]?(?<!\d)(?:[01]?\d|2[0-4])[:h][0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?"
    r"(?:\s?[AaPp]\.?[Mm]\b\.?)?(?:\s?(?:Z\b|UTC\b|GMT\b|[+-]\d{2}:?\d{2}))?"
    r"|(?<!\d)(?:0?[1-9]|1[0-2])\s?[AaPp]\.?[Mm]\b\.?)"
    r"|(?P<number>[0-9]+)(?P<ordinal>(?:st|nd|rd|th|er|ème|eme|ST|ND|RD|TH|ER|º|ª)(?![^\W\d_]))?"
    r"|(?P<other>[\s,./\-–'’();:|_@年月日년월일])"
    r"|(?P<word>[^\W\d_]+(?:-feira)?)",
)
_FILLERS = word_set("date_fillers")
_ENGLISH_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


@dataclass(frozen=True)
class Token:
    """Token of a written date.

    Attributes
    ----------
    kind : str
        ``number``, ``month``, ``weekday``, ``time``, ``word`` (a filler) or ``other``.
    text, suffix : str
        Written form without its ending, and the ending: of an ordinal, or the plural of a weekday.
    language, number, form : str, int, int
        For names: language, number of the month or weekday from 0, and form (0 is the full name).
    """

    kind: str
    text: str
    suffix: str = ""
    language: str = ""
    number: int = 0
    form: int = 0

    def ordinal(self, day: int) -> str:
        """Return the ordinal ending of another day in the style of this token."""
        lower = self.suffix.lower()
        if lower in ("st", "nd", "rd", "th"):
            return copy_initial_case(_ENGLISH_ORDINALS.get(day, "th"), self.suffix)
        if lower == "er":  # French: only the first day of a month is an ordinal
            return self.suffix if day == 1 else ""
        return self.suffix


def copy_initial_case(word: str, model: str) -> str:
    """Return a word in capitals, with an initial capital, or unchanged, as a model is written.

    Parameters
    ----------
    word : str
        Word in lower case.
    model : str
        Word whose case is copied.
    """
    if model.isupper() and len(model) > 1:
        return word.upper()
    if model[:1].isupper():
        return word[:1].upper() + word[1:]
    return word


def _find_name(word: str, only_language: str | None) -> Token | None:
    """Return the token of a month or weekday name of a language, or of any if it is None."""
    names = calendar_names()
    for kind, table in (("month", names.months), ("weekday", names.weekdays)):
        for language, number, form in table.get(word.lower(), ()):
            if only_language in (None, language):
                return Token(kind, word, "", language, number, form)
    if word[-1:] in "sS" and len(word) > 6:  # Mondays
        singular = _find_name(word[:-1], only_language)
        if singular and singular.kind == "weekday":
            return replace(singular, suffix=word[-1])
    return None


def find_name_languages(word: str) -> list[str]:
    """Return the languages of a month or weekday name, each once; none for other words."""
    names = calendar_names()
    places = names.months.get(word.lower(), ()) + names.weekdays.get(word.lower(), ())
    return list(dict.fromkeys(language for language, _, _ in places))


def _common_language(words: list[str], preferred: str) -> str | None:
    """Return the preferred or else the first language that has all calendar names among words."""
    names = calendar_names()
    tables = [names.months.get(w.lower(), ()) + names.weekdays.get(w.lower(), ()) for w in words]
    tables = [places for places in tables if places]
    for language in sorted(names.forms["months"], key=lambda one: one != preferred):
        if tables and all(any(place[0] == language for place in t) for t in tables):
            return language
    return None


def tokenize(text: str, preferred: str = "") -> list[Token] | None:
    """Return the tokens of a written date, or None if any of them does not belong in a date.

    Parameters
    ----------
    text : str
        Written date.
    preferred : str, optional
        Language (ISO 639-1) of names that several languages have.
    """
    matches = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        matches.append(match)
        position = match.end()
    language = _common_language([m.group("word") for m in matches if m.group("word")], preferred)
    tokens = []
    for match in matches:
        kind = match.lastgroup or ""
        if kind in ("number", "ordinal"):
            tokens.append(Token("number", match.group("number"), match.group("ordinal") or ""))
        elif kind == "word":
            name = _find_name(match.group(), language)
            if name is None and match.group().lower() not in _FILLERS:
                return None
            tokens.append(name or Token("word", match.group()))
        else:
            tokens.append(Token(kind, match.group()))
    return tokens
