"""Build the allow lists from the word lists of the training templates and those beside this file.

``dicom_terms.txt``, ``more_terms.txt`` (makers, software, organisms, anatomy, trials),
``eponyms.txt`` (eponyms of medicine) and ``shorthand.txt`` are no part of the training. Single
words that some people bear as a surname are left out: ``Foley`` alone may be a person, ``Foley
catheter`` is not. ``python -m tools.word_lists.clinical_lists --data FOLDER``
"""

from __future__ import annotations

import argparse
import bz2
import csv
import gzip
import os
import pickle
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import is_word

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
#: Lists that no training knows.
_BESIDE = ("dicom_terms", "more_terms")
#: Eponyms of signs and devices that stand alone count when no more than few people bear them:
#: ranks of the census, the second for eponyms that the model has not met in training.
_FREQUENT, _RARE = 8000, 30000
#: Lists that need a look at what stands around, each a file of its own.
_IN_CONTEXT = ("abbreviations", "signs")
#: Lists whose words are no names one by one either.
_WORD_BY_WORD = ("anatomy", "findings", "sequences")
#: Surnames that stand before these stand alone as well: ``Hodgkin``.
_DISEASES = (["disease"], ["lymphoma"], ["sarcoma"], ["syndrome"], ["palsy"])
_WORD = re.compile(r"[^\W\d_]{3,}")
_LETTERS = re.compile(r"[^\W\d_]+")
#: Where a drug is known from, for its name to count: DrugBank's open vocabulary, MedlinePlus.
_DRUG_SOURCES = frozenset(("drugbank_id", "medline_plus_id"))
_DRUG = re.compile(r"[a-z]{5,20}")
_ROOT = Path(__file__).resolve().parents[2]
_HERE = _ROOT / "safelight" / "text" / "lexicon" / "lists"
_WORDS = _ROOT / "tools" / "train_text_model" / "words"


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
    for path in [
        *(_WORDS / f"{name}.txt" for name in _LISTS),
        *(_HERE / f"{name}.txt" for name in _BESIDE),
    ]:
        phrases = _entries(path)
        if path.stem in _WORD_BY_WORD:
            phrases |= {word for phrase in phrases for word in _WORD.findall(phrase)}
        for phrase in phrases:
            words = _LETTERS.findall(phrase.lower().removesuffix("'s"))
            if len(words) > 1 or not names.intersection(words):
                kept.add(phrase)
    return kept


def _alone(sign: str, called: set[str]) -> bool:
    """Whether nobody is called by any word of an eponym."""
    return not called.intersection(map(str.lower, _WORD.findall(sign)))


def _write_packed(name: str, lines: Iterable[str]) -> None:
    with open(_HERE / name, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
        file.write("".join(f"{line}\n" for line in lines).encode())


def _write_drugs(path: Path, called: set[str]) -> None:
    """Names of drugs that are one word, neither of the language nor anybody's name."""
    with bz2.open(path) as file:
        known = pickle.load(file)
    names: set[str] = set()
    for name, drugs in known["drug_variant_to_canonical"].items():
        told = (known["drug_canonical_to_data"].get(drug, {}) for drug in drugs)
        folded = fold_text(name)
        if _DRUG.fullmatch(folded) and any(_DRUG_SOURCES.intersection(one) for one in told):
            names.add(folded)
    kept = sorted(name for name in names - called if not is_word(name))
    _write_packed("drugs.txt.gz", kept)


def _write_people(given: set[str], surnames: set[str]) -> None:
    """Names that are no words: ``name,G`` given, ``name,S`` surname, ``name,B`` both."""
    rows, both = [], given & surnames
    for name in sorted(given | surnames):
        if _WORD.fullmatch(name) and not is_word(name):
            kind = "B" if name in both else "G" if name in given else "S"
            rows.append(f"{name},{kind}")
    _write_packed("unambiguous_names.csv.gz", rows)


def main() -> int:
    """Write the lists beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SAFELIGHT_DATA"))
    parser.add_argument("--drugs", type=Path, help="drug_ner_dictionary.pkl.bz2 of the package "
                        "drug-named-entity-recognition")  # fmt: skip
    arguments = parser.parse_args()
    data = Path(arguments.data)
    source = data / "lists-phileas" / "src"
    given = _lines(source / "main" / "resources" / "first-names.txt")
    surnames = _lines(source / "test" / "resources" / "surnames.txt")
    ranked = data / "lists-census1990-names" / "names" / "dist.all.last"
    by_rank = [line.split()[0].lower() for line in ranked.read_text().splitlines()]
    towns = _towns(data) | _lines(_HERE / "places.txt")
    called = given | towns | set(by_rank[:_FREQUENT])
    kept = _phrases(surnames | given)
    # abbreviations and eponyms that are names too count only where the text shows it
    shorts, signs = (_entries(_WORDS / f"{name}.txt") for name in _IN_CONTEXT)
    shorts |= _entries(_HERE / "shorthand.txt")
    kept |= {short for short in shorts if short.isalpha()
             and short.lower() not in surnames | given}  # fmt: skip
    kept |= {sign for sign in signs if _alone(sign, called)}
    added = _entries(_HERE / "eponyms.txt")
    kept |= {sign for sign in added if "-" in sign or " " in sign}
    kept |= {sign for sign in added if _alone(sign, called | set(by_rank[:_RARE]))}
    heads = (phrase.split(" ") for phrase in kept if phrase.lower().split(" ")[1:] in _DISEASES)
    kept |= {head for head, _ in heads if head.lower().removesuffix("'s") not in called}
    _write("phrases", kept)
    _write("abbreviations", shorts)
    _write("sign_eponyms", signs)
    _write_people(given, surnames)
    if arguments.drugs:
        _write_drugs(arguments.drugs, called | surnames)
    _write("vendors", _entries(_WORDS / "vendors.txt") & kept)
    return 0


if __name__ == "__main__":
    sys.exit(main())
