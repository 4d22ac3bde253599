"""Make the lists of English words, names and surrogates from public sources.

    python -m tools.word_lists.text_lists FOLDER

``FOLDER`` has the sources that NOTICE names: first names and surnames of the 1990 census, first
names of 2010 (SSA), surnames of the 2010 census, the English dictionary of wooorm, the lists of
Philter, and general NER corpora. Words that the corpora or the training templates have in lower
case are the everyday words. None of these texts is used in an evaluation.
"""

from __future__ import annotations

import collections
import csv
import json
import re
import sys
from pathlib import Path

from safelight.text.lexicon.words import is_word
from tools.word_lists import (
    LISTS_FOLDER,
    TRAINING_FOLDER,
    read_lower_lines,
    read_ranked_surnames,
    read_us_cities,
    write_list,
)

#: A spelling of Brian in the census. It is not a given name here, because it is a frequent word in
#: descriptions.
_MISSPELT_GIVEN_NAMES = frozenset(("brain",))
_WORD = re.compile(r"[^\W\d_]+")
_NOT_EVERYDAY_WORDS = Path(__file__).parent / "not_everyday_words.txt"

_CORPORA = ("ner-btc", "ner-crossner", "ner-sec-filings", "ner-wikigold", "ner-wnut17")
_CORPUS_SUFFIXES = (".conll", ".annotated", ".txt")
#: A word of the corpora is an everyday word if it is frequent and mostly in lower case.
_MIN_CORPUS_COUNT, _MIN_LOWER_CASE_SHARE = 4, 0.8

#: Smallest number of births of 2010 with a given name, and births per percent.
_MIN_BIRTHS, _BIRTHS_PER_PERCENT = 50, 20_000

#: Ratio of shares from which a given name is female or male, in general and for surrogates.
_SEX_RATIO, _SURROGATE_SEX_RATIO = 5, 20
_SURROGATE_GIVEN_NAMES = 500
_MIN_SURROGATE_NAME_CHARACTERS = 4

_COMMON_SURNAME_RANK = 8000
#: Rank up to which a surname counts that has the form of an inflected word.
_INFLECTED_SURNAME_RANK = 20000

#: A surrogate city exists in several states, so that its name does not identify a place.
_MIN_SURROGATE_CITY_ROWS, _MIN_SURROGATE_CITY_CHARACTERS = 4, 5

#: Shares of women and of men with a given name, in percent.
GivenNames = dict[str, tuple[float, float]]


def _read_dictionary(folder: Path) -> set[str]:
    """Return the stems of the dictionary in lower case; it writes proper names with a capital."""
    lines = (folder / "lists-english-dictionary/index.dic").read_text("utf-8").splitlines()[1:]
    words = {line.split("/")[0].replace("'", "") for line in lines}
    return {word for word in words if word.isalpha() and word == word.lower() and len(word) > 1}


def _collect_corpus_words(folder: Path) -> set[str]:
    """Return the frequent words that the corpora have in lower case at least four times of five."""
    lower_counts: collections.Counter[str] = collections.Counter()
    counts: collections.Counter[str] = collections.Counter()
    for corpus in _CORPORA:
        for path in sorted((folder / corpus).rglob("*")):
            if path.suffix not in _CORPUS_SUFFIXES or "README" in path.name:
                continue
            for line in path.read_text("utf-8", errors="replace").splitlines():
                for word in _WORD.findall((line.split() or [""])[0]):
                    counts[word.lower()] += 1
                    lower_counts[word.lower()] += word.islower()
    return {
        word
        for word, count in counts.items()
        if count >= _MIN_CORPUS_COUNT and lower_counts[word] >= _MIN_LOWER_CASE_SHARE * count
    }


def _collect_template_words() -> set[str]:
    """Return the words that the training templates have in lower case."""
    words: set[str] = set()
    for path in sorted((TRAINING_FOLDER / "templates").glob("*.txt")):
        if path.stem != "foreign":
            text = re.sub(r"\{\w+\}|^[\[@#].*$", " ", path.read_text("utf-8"), flags=re.M)
            words |= {word for word in _WORD.findall(text) if word.islower()}
    for name in ("anatomy", "findings"):
        text = (TRAINING_FOLDER / "words" / f"{name}.txt").read_text("utf-8")
        words |= {word for word in _WORD.findall(text) if word.islower()}
    return words


def _read_not_everyday_words() -> set[str]:
    """Return the words of the training templates that are not everyday words."""
    lines = _NOT_EVERYDAY_WORDS.read_text("utf-8").splitlines()
    return {word for line in lines if not line.startswith("#") for word in line.split()}


def _read_person_names(folder: Path) -> set[str]:
    """Return surnames of at least 100 people, given names, and the names of Philter."""
    phileas = folder / "lists-phileas/src"
    names = read_lower_lines(phileas / "test/resources/surnames.txt")
    names |= read_lower_lines(phileas / "main/resources/first-names.txt")
    for name in ("firstnames_minus_fps", "lastnames_minus_fps"):
        path = folder / f"lists-philter/blacklists/{name}.json"
        names.update(json.loads(path.read_text("utf-8")))
    return names


def _read_places(folder: Path) -> set[str]:
    """Return the cities of the USA and the place names of Philter."""
    path = folder / "lists-philter/blacklists/updated_address_blacklist.json"
    places = set(json.loads(path.read_text("utf-8")))
    return places | {city.lower() for city in read_us_cities(folder)}


def _read_allowed_words(folder: Path) -> set[str]:
    """Return the clinical and common words of Philter's allow list."""
    path = folder / "lists-philter/whitelists/whitelist_plus_fps_091718_nonames.json"
    words = json.loads(path.read_text("utf-8"))
    return {word for word in words if word.isalpha() and len(word) > 1}


def _read_given_names(folder: Path) -> GivenNames:
    """Return the given names of the 1990 census and of 2010."""
    shares: dict[str, list[float]] = collections.defaultdict(lambda: [0.0, 0.0])
    for column, sex in enumerate(("female", "male")):
        path = folder / f"lists-census1990-names/names/dist.{sex}.first"
        for line in path.read_text("ascii").splitlines():
            name, share = line.split()[:2]
            shares[name.lower()][column] += float(share)
    with open(folder / "lists-ssa-2010/Data/yob2010.txt", encoding="ascii") as file:
        for name, sex, births in csv.reader(file):
            if int(births) >= _MIN_BIRTHS:
                shares[name.lower()][sex == "M"] += int(births) / _BIRTHS_PER_PERCENT
    return {
        name: (women, men)
        for name, (women, men) in shares.items()
        if name not in _MISSPELT_GIVEN_NAMES
    }


def _write(name: str, entries: set[str] | list[str]) -> None:
    """Write a list of the library in alphabetical order."""
    write_list(LISTS_FOLDER / name, sorted(entries))


def _write_words(folder: Path, given_names: GivenNames) -> set[str]:
    """Write the lists of words, and return all words."""
    dictionary, names = _read_dictionary(folder), _read_person_names(folder)
    template_words = {
        word for word in _collect_template_words() if word in dictionary or word not in names
    } - _read_not_everyday_words()
    candidates = _collect_corpus_words(folder) | template_words
    everyday = {word for word in candidates if word.isascii() and len(word) > 1}
    # The shares of lower case are also high for some names that are not words.
    everyday -= {word for word in everyday if word in given_names and word not in dictionary}
    allowed = _read_allowed_words(folder) - names - _read_places(folder)
    words = dictionary | everyday | allowed
    _write("words.txt.gz", words)
    _write("everyday_words.txt", everyday)
    _write("words_that_are_names.txt.gz", words & (names | set(given_names)))
    common_surnames = set(read_ranked_surnames(folder)[:_COMMON_SURNAME_RANK])
    _write("surnames_that_are_words.txt", common_surnames & words)
    ranked = set(read_ranked_surnames(folder)[:_INFLECTED_SURNAME_RANK])
    inflected = {name for name in ranked - words - set(given_names) if is_word(name)}
    _write("inflected_surnames.txt", inflected)
    return words


def _write_given_names(given_names: GivenNames, words: set[str]) -> None:
    """Write the given names with their sex, and those that serve as surrogates."""
    rows = []
    for name, (women, men) in sorted(given_names.items()):
        sex = "F" if women > _SEX_RATIO * men else "M" if men > _SEX_RATIO * women else "U"
        rows.append(f"{name},{sex}")
    write_list(LISTS_FOLDER / "given_names.csv.gz", rows)
    for sex, column in (("female", 0), ("male", 1)):
        by_share = sorted(given_names, key=lambda name: -given_names[name][column])
        distinct = (
            name
            for name in by_share
            if given_names[name][column] > _SURROGATE_SEX_RATIO * given_names[name][1 - column]
        )
        usable = [
            name
            for name in distinct
            if name not in words and len(name) >= _MIN_SURROGATE_NAME_CHARACTERS
        ]
        _write(f"surrogate_{sex}.txt", usable[:_SURROGATE_GIVEN_NAMES])


def _write_surrogate_surnames(folder: Path, given_names: GivenNames, words: set[str]) -> None:
    """Write the surnames that serve as surrogates."""
    with open(folder / "lists-census-streets/2010_Census_Surnames.csv", encoding="utf-8") as file:
        surnames = [row["Name"].strip().lower() for row in csv.DictReader(file)]
    usable = [
        name
        for name in surnames
        if name not in words
        and name not in given_names
        and len(name) >= _MIN_SURROGATE_NAME_CHARACTERS
        and name.isalpha()
    ]
    _write("surrogate_surnames.txt", usable)


def _write_surrogate_cities(folder: Path, given_names: GivenNames, words: set[str]) -> None:
    """Write the cities that serve as surrogates."""
    counts = collections.Counter(read_us_cities(folder))
    usable = [
        city
        for city, count in counts.items()
        if count >= _MIN_SURROGATE_CITY_ROWS
        and city.isalpha()
        and len(city) >= _MIN_SURROGATE_CITY_CHARACTERS
        and city.lower() not in words | set(given_names)
    ]
    _write("surrogate_cities.txt", usable)


def _write_restricted_zip3(folder: Path) -> None:
    """Write the ZIP code prefixes of areas with few people (45 CFR 164.514(b)(2)(i)(B))."""
    path = folder / "lists-zip3-restricted/zip3_restricted.json"
    restricted = json.loads(path.read_text())
    prefixes = {
        prefix for name, part in restricted.items() if "population" not in name for prefix in part
    }
    _write("zip3_restricted.txt", prefixes)


def main(folder: Path) -> None:
    """Write the lists from the folder of sources."""
    given_names = _read_given_names(folder)
    words = _write_words(folder, given_names)
    _write_given_names(given_names, words)
    _write_surrogate_surnames(folder, given_names, words)
    _write_surrogate_cities(folder, given_names, words)
    _write_restricted_zip3(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
