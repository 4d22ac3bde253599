"""Find PHI in German, Spanish, French, Italian and Portuguese text by its context.

The text model was trained on English. In the other languages, titles, relatives, field labels, and
the first words of streets and institutions introduce names and places (``titles.csv``,
``relatives.csv``, ``foreign_text.yaml``). In
the Romance languages, a word with a capital inside of a sentence is a proper name, unless it is a
term. Guesses of the model that are vocabulary of these languages are rejected.

Repetitions in the expressions are bounded, so that they run in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from safelight.records import Span
from safelight.text.lexicon.phrases import tokenize
from safelight.text.lexicon.word_lists import (
    expand_lists,
    listed_words,
    word_set,
)
from safelight.text.lexicon.words import is_word
from safelight.text.recognizers.foreign_dates import find_foreign_dates
from safelight.text.recognizers.foreign_lists import any_of, load_lists
from safelight.text.recognizers.foreign_terms import (
    foreign_vocabulary,
    is_foreign_term,
    is_foreign_vocabulary,
)

_ENGINE = "regex"
_CONTEXT_CONFIDENCE = 0.95
_PROPER_NAME_CONFIDENCE = 0.8
_PROPER_NAME_MIN_CHARACTERS = 4
#: Characters before a proper name in which a preposition of place is searched.
_PREPOSITION_CHARACTERS = 8
#: Distinct words of the list of German function words that show that nouns have capitals.
_GERMAN_WORDS_MIN = 3
_ROMANCE = ("es", "fr", "it", "pt")

_START = r"(?<![^\W_])"
_END = r"(?![^\W_])"
_UP = "[A-ZÀ-ÖØ-ÞŠŽŁ]"
_LOW = "[a-zà-öø-ÿ]"
_LETTER = "[A-Za-zÀ-ÖØ-öø-ÿŠšŽžŁł]"
_WORD = rf"{_UP}{_LETTER}{{0,30}}(?:[-'’]{_LETTER}{{1,30}}){{0,3}}"
_PARTICLE = expand_lists("<list:name_particles.foreign>")
_ELISION = r"(?:[dDlL]['’])?"
#: One to five words with capitals, with particles between them; initials may precede them.
_NAME = (
    rf"(?:{_UP}\. ?){{0,2}}(?:{_PARTICLE} )?{_ELISION}{_WORD}"
    rf"(?:,? (?:{_UP}\. ?|(?:{_PARTICLE} )?{_ELISION}{_WORD})){{0,4}}"
)
_TOWN_PARTICLE = rf"(?:{_PARTICLE}|sur|sous|lès|les|en|aux?|am|an der|im|bei|ob der)"
_TOWN = rf"{_WORD}(?:[ -](?:{_TOWN_PARTICLE}[ -])?{_WORD}){{0,3}}"
_HOUSE_NUMBER = (
    r",? ?(?:(?:face au|junto ao|frente al|c/o|a la altura del?) ?)?(?:n\.? ?[º°] ?)?"
    r"\d{1,5}(?: ?[a-zA-Z]\b)?(?: (?:bis|ter)\b)?(?:,? \d[rnta]{1,2}\b){0,2}"
)
_FLOOR_SIDE = r"(?: ?(?:[A-Z]\b|[Ii]zq\.?|[Dd]cha\.?|[Dd]to\.?|[Ee]sq\.?))?"
_FLOOR = rf"(?:,? (?:\d{{1,2}}[.ºª°]{{1,2}}{_FLOOR_SIDE}|[Bb]ajo|[Áá]tico)){{0,3}}"

_WORDS = re.compile(rf"{_LETTER}+")
_CAPITALIZED = re.compile(rf"{_START}{_UP}{_LETTER}{{3,30}}")
#: Words with a capital after a word in lower case or a comma: not at the start of a sentence.
_INSIDE_SENTENCE = re.compile(
    rf"(?:(?<=[a-zà-öø-ÿ,] )|(?<=[a-zà-öø-ÿ] \())({_UP}{_LOW}{{2,30}}"
    rf"(?:-{_UP}{_LOW}{{1,30}}){{0,3}}(?: (?:{_PARTICLE} )?{_UP}{_LOW}{{1,30}}){{0,5}}){_END}"
    rf"(?! ?\d+(?:[.,/]\d+)? ?(?:mg|µg|mcg|g|ml|mL|UI|U|IE|cp|gtt|mmol)\b)"
)
_PLACE_BEFORE = re.compile(r"(?:\b(?:en|em|a|à|in|de|di)|,) $")


@dataclass(frozen=True)
class _Expressions:
    """Expressions of ``foreign_text.yaml``. The value of each is group 1.

    Attributes
    ----------
    names : tuple of re.Pattern
        Names of people.
    places : tuple of (str, re.Pattern)
        Subtype and places.
    identifiers : tuple of re.Pattern
        Record numbers and the like.
    professions : tuple of re.Pattern
        Professions.
    """

    names: tuple[re.Pattern[str], ...]
    places: tuple[tuple[str, re.Pattern[str]], ...]
    identifiers: tuple[re.Pattern[str], ...]
    professions: tuple[re.Pattern[str], ...]


@cache
def _load_expressions() -> _Expressions:
    lists = load_lists("foreign_text.yaml")
    return _Expressions(
        _compile_names(lists),
        _compile_places(lists),
        tuple(
            re.compile(
                rf"{_START}(?:{one['label']})(?:[ .]{{0,3}}(?:n\.?[º°o]\.?|nº|Nr\.|nr\.|n\.))?"
                rf"[ :.]{{0,3}}({one['value']}){_END}"
            )
            for one in lists["identifiers"]
        ),
        _compile_professions(lists),
    )


def _compile_professions(lists: dict[str, Any]) -> tuple[re.Pattern[str], ...]:
    context = any_of(lists["profession_contexts"])
    return (
        re.compile(expand_lists(rf"{_START}(?i:(<list:professions.foreign>s?)){_END}")),
        re.compile(rf"{_START}(?i:{context}) ([^\W\d_]{{3,30}}(?:-[^\W\d_]{{2,30}})?){_END}"),
    )


def _titles() -> str:
    """Return the titles as one expression, in lower case or with an initial capital."""
    words = [rf"{title}\.?" for title in _in_both_cases("titles.foreign")]
    abbreviations = [rf"{title}\." for title in _in_both_cases("titles.foreign_abbreviation")]
    return any_of([*words, *abbreviations])


def _in_both_cases(reference: str) -> list[str]:
    """Return the words of a list, also with an initial capital and in capitals."""
    words = listed_words(reference)
    capitalized = (word[0].upper() + word[1:] for word in words)
    in_capitals = (word.upper() for word in words if len(word) > 1)
    return [re.escape(word) for word in dict.fromkeys((*words, *capitalized, *in_capitals))]


def _compile_names(lists: dict[str, Any]) -> tuple[re.Pattern[str], ...]:
    titles, labels = _titles(), any_of(lists["name_labels"])
    relations = expand_lists("<list:relatives.foreign>")
    return (
        re.compile(rf"{_START}(?:{titles}[ ]?){{1,4}}(?<=[ .]|ª)({_NAME})"),
        re.compile(
            rf"{_START}(?i:{relations}),? (?:(?:Herrn?|Frau|el|la|il|le|o|a) )?"
            rf"(?:{titles} ?){{0,2}}\(?({_NAME})"
        ),
        re.compile(rf"{_START}(?i:{labels}) ?:[ \t]{{0,3}}(?:{titles} ?){{0,3}}({_NAME})"),
        re.compile(rf"{_START}({_NAME})[, (]{{1,3}}{any_of(lists['after_names'])}"),
        re.compile(rf"{_START}{any_of(lists['greetings'])},?[ \n]{{1,2}}({_NAME})"),
        re.compile(rf"{_START}(?i:{any_of(lists['name_verbs'])}) ?({_NAME})"),
    )


def _compile_places(lists: dict[str, Any]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    fillers, institutions = (
        any_of(lists["institution_fillers"]),
        any_of(lists["institutions"]),
    )
    proper = (
        rf"(?:{fillers}[ ']?){{0,4}} ?{_WORD}(?: (?:(?:{fillers}|{_PARTICLE})[ '])?{_WORD}){{0,4}}"
    )
    town = rf"{_UP}{_LOW}{{1,30}}"
    patterns = (
        (
            "STREET",
            rf"({any_of(lists['streets'])} ?(?:{_UP}{_LOW}{{1,4}}\. )?(?:{_PARTICLE} )?{_ELISION}"
            rf"{_WORD}(?: (?:(?:{_PARTICLE}|i) )?{_WORD}){{0,4}}{_HOUSE_NUMBER}{_FLOOR}"
            rf"(?:,? {any_of(lists['address_parts'])}\.? ?[\dA-Z]{{1,4}}\b){{0,3}})",
        ),
        (
            "STREET",
            rf"({any_of(lists['streets_without_number'])} (?:{_PARTICLE} )?{_ELISION}"
            rf"{_UP}{_LOW}{{2,30}}(?:[ -](?:{_PARTICLE} )?{_WORD}){{0,3}}{_END})",
        ),
        ("HOSPITAL", rf"({institutions} {proper})"),
        (
            "HOSPITAL",
            rf"((?:{_UP}[\w.]{{0,30}}[- ]){{1,4}}{any_of(lists['institution_endings'])}){_END}",
        ),
        (
            "",
            rf"(?i:{any_of(lists['before_towns'])}) ({town}{any_of(lists['town_endings'])}|"
            rf"{town}(?=[,.;]? (?:verlegt|gebracht|wohnhaft))){_END}",
        ),
        ("", rf"((?:\d{{5}}|\d{{4}}-\d{{3}}) {_TOWN})"),
        ("", rf"(?<=\w, )((?:[A-Z]{{1,2}}-)?\d{{4}} {_TOWN}){_END}"),
        ("ZIP", rf"((?:\d{{2}}\.\d{{3}}|\d{{5}})-\d{{3}}){_END}"),
        (
            "",
            rf"({_UP}{_LOW}{{1,20}}(?:-{_LETTER}{{1,20}}){{0,2}}-(?:sur|sous|lès|les|en|la|le|de|du|"
            rf"des|aux?)-{_UP}{_LOW}{{1,20}}(?:-{_UP}{_LOW}{{1,20}}){{0,2}}){_END}",
        ),
        (
            "",
            rf"(?m:^)({_TOWN})(?:/[A-Z]{{2}})?, ?(?:(?:a|à|lì|li|le|den|em|el|il|ai) )?"
            r"(?=\d{1,2}(?:er|[.°º])?[ ./-])",
        ),
    )
    return tuple((subtype, re.compile(_START + pattern)) for subtype, pattern in patterns)


def find_foreign_spans(text: str) -> list[Span]:
    """Return the spans of a text in one of the five languages.

    Parameters
    ----------
    text : str
        Whole text; :func:`safelight.text.language.is_mostly_foreign_text` is true for it.
    """
    found = list(_find_by_context(text))
    names = [one for one in found if one.entity == "NAME"]
    dates = find_foreign_dates(text)
    return [*found, *dates, *_find_repeated(text, names), *_find_proper_names(text)]


def _find_by_context(text: str) -> Iterator[Span]:
    """Yield values that a title, a label or another word introduces."""
    expressions = _load_expressions()
    for pattern in expressions.names:
        for match in pattern.finditer(text):
            yield from _cut_name(text, *match.span(1))
    for subtype, pattern in expressions.places:
        for match in pattern.finditer(text):
            has_house_number = subtype == "STREET" and any(map(str.isdigit, match[1]))
            if has_house_number or not is_foreign_vocabulary(match[1]):
                yield Span(*match.span(1), "LOCATION", _ENGINE, _CONTEXT_CONFIDENCE, subtype)
    for entity, patterns in (
        ("ID", expressions.identifiers),
        ("PROFESSION", expressions.professions),
    ):
        for pattern in patterns:
            for match in pattern.finditer(text):
                yield Span(*match.span(1), entity, _ENGINE, _CONTEXT_CONFIDENCE)


def _cut_name(text: str, begin: int, end: int) -> Iterator[Span]:
    """Yield a name up to its first word with a capital that is vocabulary."""
    for match in _WORDS.finditer(text, begin, end):
        if match[0][0].isupper() and match[0].lower() in foreign_vocabulary():
            end = match.start()
            break
    value = text[begin:end].rstrip(" ,.-")
    if len(value) > 1 and any(map(str.isupper, value)):
        yield Span(begin, begin + len(value), "NAME", _ENGINE, _CONTEXT_CONFIDENCE)


def _find_repeated(text: str, names: Iterable[Span]) -> Iterator[Span]:
    """Yield all occurrences of the words of names that are not words of any vocabulary."""
    words = {
        match[0]
        for name in names
        for match in _CAPITALIZED.finditer(text, name.begin, name.end)
        if match[0].lower() not in foreign_vocabulary() and not is_word(match[0].lower())
    }
    for match in _CAPITALIZED.finditer(text):
        if match[0] in words:
            yield Span(*match.span(), "NAME", _ENGINE, _CONTEXT_CONFIDENCE)


def _find_proper_names(text: str) -> Iterator[Span]:
    """Yield proper names inside of sentences of the Romance languages."""
    if _is_german(text):
        return  # all nouns have capitals
    for match in _INSIDE_SENTENCE.finditer(text):
        begin, end = match.span(1)
        if len(match[1]) < _PROPER_NAME_MIN_CHARACTERS or is_foreign_term(text, begin, end):
            continue
        before = text[max(0, begin - _PREPOSITION_CHARACTERS) : begin]
        entity = "LOCATION" if _PLACE_BEFORE.search(before) else "NAME"
        yield Span(begin, end, entity, _ENGINE, _PROPER_NAME_CONFIDENCE)


def _is_german(text: str) -> bool:
    """Return whether a text has three German function words, or as many as Romance ones."""
    words = frozenset(tokenize(text))
    if len(word_set("function_words.german") & words) >= _GERMAN_WORDS_MIN:
        return True
    german = word_set("function_words.de") & words
    romance = frozenset().union(*(word_set(f"function_words.{one}") for one in _ROMANCE)) & words
    return len(german - romance) >= len(romance - german)
