"""Build the allow lists from the word lists of the training templates and ``dicom_terms.txt``.

Single words that some people bear as a surname are left out: ``Foley`` alone may be a person,
``Foley catheter`` is not. ``python -m nlp_pipelines.gazetteers.build --data FOLDER``
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import re
import sys
from pathlib import Path

from safelight.text.words import is_word

_LISTS = (
    "eponyms",
    "drugs",
    "vendors",
    "models",
    "sequences",
    "trials",
    "genes",
    "anatomy",
    "findings",
    "organisms",
    "supplies",
)
#: Eponyms of signs and devices that stand alone count when no more than few people bear them.
_FREQUENT = 8000
#: Lists that need a look at what stands around, each a file of its own.
_IN_CONTEXT = ("abbreviations", "signs")
#: Lists whose words are no names one by one either.
_WORD_BY_WORD = ("anatomy", "findings", "sequences")
#: Surnames that stand before these stand alone as well: ``Hodgkin``.
_DISEASES = (["disease"], ["lymphoma"], ["sarcoma"], ["syndrome"], ["palsy"])
_WORD = re.compile(r"[^\W\d_]{3,}")
_LETTERS = re.compile(r"[^\W\d_]+")
_HERE = Path(__file__).parent
_WORDS = _HERE.parent / "train" / "words"


def _entries(path: Path) -> set[str]:
    """The entries of a comma-separated list."""
    text = path.read_text(encoding="utf-8").replace("\n", " ")
    return {part.strip() for part in text.split(",") if part.strip()}


def _lines(path: Path) -> set[str]:
    return {line.strip().lower() for line in path.read_text(encoding="utf-8").splitlines()}


def _write(name: str, entries: set[str]) -> None:
    (_HERE / f"{name}.txt").write_text("\n".join(sorted(entries)) + "\n", encoding="utf-8")


def _towns(data: Path) -> set[str]:
    path = data / "lists-us-cities" / "csv" / "us_cities.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["CITY"].strip().lower() for row in csv.DictReader(file)}


def _phrases(names: set[str]) -> set[str]:
    """Phrases, and single words that are no name; a number beside a word does not count."""
    kept: set[str] = set()
    for path in [*(_WORDS / f"{name}.txt" for name in _LISTS), _HERE / "dicom_terms.txt"]:
        phrases = _entries(path)
        if path.stem in _WORD_BY_WORD:
            phrases |= {word for phrase in phrases for word in _WORD.findall(phrase)}
        for phrase in phrases:
            words = _LETTERS.findall(phrase.lower().removesuffix("'s"))
            if len(words) > 1 or not names.intersection(words):
                kept.add(phrase)
    return kept


def _write_people(given: set[str], surnames: set[str]) -> None:
    """Names that are no words: ``name,G`` given, ``name,S`` surname, ``name,B`` both."""
    rows, both = [], given & surnames
    for name in sorted(given | surnames):
        if _WORD.fullmatch(name) and not is_word(name):
            kind = "B" if name in both else "G" if name in given else "S"
            rows.append(f"{name},{kind}\n")
    with open(_HERE / "people.csv.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
        file.write("".join(rows).encode())


def main() -> int:
    """Write the lists beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SAFELIGHT_DATA"))
    data = Path(parser.parse_args().data)
    source = data / "lists-phileas" / "src"
    given = _lines(source / "main" / "resources" / "first-names.txt")
    surnames = _lines(source / "test" / "resources" / "surnames.txt")
    ranked = data / "lists-census1990-names" / "names" / "dist.all.last"
    frequent = {line.split()[0].lower() for line in ranked.read_text().splitlines()[:_FREQUENT]}
    called = given | frequent | _towns(data) | _lines(_HERE / "places.txt")
    kept = _phrases(surnames | given)
    # abbreviations and eponyms that are names too count only where the text shows it
    shorts, signs = (_entries(_WORDS / f"{name}.txt") for name in _IN_CONTEXT)
    kept |= {short for short in shorts if short.isalpha()
             and short.lower() not in surnames | given}  # fmt: skip
    kept |= {sign for sign in signs if not called.intersection(map(str.lower, _WORD.findall(sign)))}
    heads = (phrase.split(" ") for phrase in kept if phrase.lower().split(" ")[1:] in _DISEASES)
    kept |= {head for head, _ in heads if head.lower().removesuffix("'s") not in called}
    _write("not_names", kept)
    _write("abbreviations", shorts)
    _write("signs", signs)
    _write_people(given, surnames)
    _write("vendors", _entries(_WORDS / "vendors.txt") & kept)
    return 0


if __name__ == "__main__":
    sys.exit(main())
