"""Make the allow lists of clinical terms, and the list of unambiguous names.

    python -m tools.word_lists.clinical_lists --data FOLDER

Sources are the word lists of the training data, and lists of the library that the training does
not use: ``dicom_terms.txt``, ``more_terms.txt`` (manufacturers, software, organisms, anatomy,
trials), ``eponyms.txt`` (eponyms of medicine), ``shorthand.txt`` and ``more_vendors.txt``. Add an
entry to one of these, not to a list that this module writes. Single words that are also
surnames are left out: ``Foley`` may be a person, ``Foley catheter`` is not.
"""

from __future__ import annotations

import argparse
import bz2
import os
import pickle
import re
import sys
from pathlib import Path

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import is_word
from tools.word_lists import (
    LISTS_FOLDER,
    TRAINING_FOLDER,
    read_lower_lines,
    read_ranked_surnames,
    read_us_cities,
    write_list,
)

#: Word lists of the training data.
_TRAINING_LISTS = (
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
#: Word lists of the library that the training does not use.
_LIBRARY_LISTS = ("dicom_terms", "more_terms")
#: Lists that depend on the context. Each is written to a file of its own.
_CONTEXT_LISTS = ("abbreviations", "signs")
#: Lists whose words are allowed one by one too.
_WORD_BY_WORD_LISTS = ("anatomy", "findings", "sequences")

#: Ranks of the 1990 census up to which a surname is common. An eponym of a sign or device is
#: allowed on its own if it is not a common surname. The second rank applies to eponyms that the
#: training data do not have.
_COMMON_SURNAME_RANK, _COMMON_SURNAME_RANK_UNTRAINED = 8000, 30000

#: An eponym before one of these is also allowed on its own: ``Hodgkin lymphoma``.
_DISEASE_WORDS = (["disease"], ["lymphoma"], ["sarcoma"], ["syndrome"], ["palsy"])
_LONG_WORD = re.compile(r"[^\W\d_]{3,}")
_WORD = re.compile(r"[^\W\d_]+")

#: A name of a drug is used if one of these sources has the drug: the open vocabulary of DrugBank,
#: MedlinePlus.
_DRUG_SOURCES = frozenset(("drugbank_id", "medline_plus_id"))
_DRUG_NAME = re.compile(r"[a-z]{5,20}")

_TRAINING_WORDS = TRAINING_FOLDER / "words"


def _read_entries(path: Path) -> set[str]:
    """Return the entries of a list that is separated by commas."""
    text = path.read_text(encoding="utf-8").replace("\n", " ")
    return {part.strip() for part in text.split(",") if part.strip()}


def _collect_phrases(names: set[str]) -> set[str]:
    """Return the phrases of all lists, and the single words that are not names.

    A number next to a word does not make a phrase.
    """
    paths = [
        *(_TRAINING_WORDS / f"{name}.txt" for name in _TRAINING_LISTS),
        *(LISTS_FOLDER / f"{name}.txt" for name in _LIBRARY_LISTS),
    ]
    kept: set[str] = set()
    for path in paths:
        phrases = _read_entries(path)
        if path.stem in _WORD_BY_WORD_LISTS:
            phrases |= {word for phrase in phrases for word in _LONG_WORD.findall(phrase)}
        for phrase in phrases:
            words = _WORD.findall(phrase.lower().removesuffix("'s"))
            if len(words) > 1 or not names.intersection(words):
                kept.add(phrase)
    return kept


def _is_unambiguous(eponym: str, names: set[str]) -> bool:
    """Return whether no word of an eponym is a name."""
    return not names.intersection(map(str.lower, _LONG_WORD.findall(eponym)))


def _collect_drugs(path: Path, names: set[str]) -> list[str]:
    """Return the names of drugs that are one word, and neither an English word nor a name.

    Parameters
    ----------
    path : Path
        ``drug_ner_dictionary.pkl.bz2`` of the package drug-named-entity-recognition.
    names : set of str
        Names of persons and places in lower case.
    """
    with bz2.open(path) as file:
        dictionary = pickle.load(file)
    data_by_drug = dictionary["drug_canonical_to_data"]
    drugs: set[str] = set()
    for variant, canonical in dictionary["drug_variant_to_canonical"].items():
        has_source = any(_DRUG_SOURCES.intersection(data_by_drug.get(d, {})) for d in canonical)
        folded = fold_text(variant)
        if _DRUG_NAME.fullmatch(folded) and has_source:
            drugs.add(folded)
    return sorted(drug for drug in drugs - names if not is_word(drug))


def _collect_unambiguous_names(given_names: set[str], surnames: set[str]) -> list[str]:
    """Return the names that are not words: ``name,G`` (given), ``name,S`` (surname), ``name,B``."""
    rows, both = [], given_names & surnames
    for name in sorted(given_names | surnames):
        if _LONG_WORD.fullmatch(name) and not is_word(name):
            kind = "B" if name in both else "G" if name in given_names else "S"
            rows.append(f"{name},{kind}")
    return rows


def _collect_allowed(
    given_names: set[str], surnames: set[str], places: set[str], ranked_surnames: list[str]
) -> set[str]:
    """Return the allowed phrases and words.

    Parameters
    ----------
    given_names, surnames, places : set of str
        In lower case.
    ranked_surnames : list of str
        Surnames in lower case, the most frequent first.
    """
    names = given_names | surnames
    common_names = given_names | places | set(ranked_surnames[:_COMMON_SURNAME_RANK])
    known_names = common_names | set(ranked_surnames[:_COMMON_SURNAME_RANK_UNTRAINED])
    abbreviations, signs = _read_context_lists()
    eponyms = _read_entries(LISTS_FOLDER / "eponyms.txt")
    allowed = _collect_phrases(names) | _read_entries(LISTS_FOLDER / "more_vendors.txt")
    # Abbreviations and eponyms that are names too are allowed only in their context.
    allowed |= {a for a in abbreviations if a.isalpha() and a.lower() not in names}
    allowed |= {sign for sign in signs if _is_unambiguous(sign, common_names)}
    allowed |= {eponym for eponym in eponyms if "-" in eponym or " " in eponym}
    allowed |= {eponym for eponym in eponyms if _is_unambiguous(eponym, known_names)}
    return allowed | _collect_disease_eponyms(allowed, common_names)


def _collect_disease_eponyms(phrases: set[str], common_names: set[str]) -> set[str]:
    """Return the first words of phrases such as ``Hodgkin lymphoma``, without common names."""
    split = (phrase.split(" ") for phrase in phrases)
    heads = {words[0] for words in split if [w.lower() for w in words[1:]] in _DISEASE_WORDS}
    return {head for head in heads if head.lower().removesuffix("'s") not in common_names}


def _read_context_lists() -> tuple[set[str], set[str]]:
    """Return the abbreviations and the eponyms of signs."""
    abbreviations, signs = (
        _read_entries(_TRAINING_WORDS / f"{name}.txt") for name in _CONTEXT_LISTS
    )
    return abbreviations | _read_entries(LISTS_FOLDER / "shorthand.txt"), signs


def _read_vendors() -> set[str]:
    """Return the names of manufacturers and their product lines."""
    return _read_entries(_TRAINING_WORDS / "vendors.txt") | _read_entries(
        LISTS_FOLDER / "more_vendors.txt"
    )


def main() -> int:
    """Write the lists."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("SAFELIGHT_DATA"), help="folder of the sources"
    )
    parser.add_argument(
        "--drugs",
        type=Path,
        help="drug_ner_dictionary.pkl.bz2 of the package drug-named-entity-recognition",
    )
    arguments = parser.parse_args()
    folder = Path(arguments.data)
    phileas = folder / "lists-phileas" / "src"
    given_names = read_lower_lines(phileas / "main" / "resources" / "first-names.txt")
    surnames = read_lower_lines(phileas / "test" / "resources" / "surnames.txt")
    ranked_surnames = read_ranked_surnames(folder)
    places = {city.lower() for city in read_us_cities(folder)}
    places |= read_lower_lines(LISTS_FOLDER / "places.txt")
    allowed = _collect_allowed(given_names, surnames, places, ranked_surnames)
    abbreviations, signs = _read_context_lists()
    vendors = _read_vendors() & allowed
    write_list(LISTS_FOLDER / "phrases.txt", sorted(allowed))
    write_list(LISTS_FOLDER / "abbreviations.txt", sorted(abbreviations))
    write_list(LISTS_FOLDER / "sign_eponyms.txt", sorted(signs))
    write_list(LISTS_FOLDER / "vendors.txt", sorted(vendors))
    write_list(
        LISTS_FOLDER / "unambiguous_names.csv.gz",
        _collect_unambiguous_names(given_names, surnames),
    )
    if arguments.drugs:
        common_names = given_names | places | set(ranked_surnames[:_COMMON_SURNAME_RANK])
        drugs = _collect_drugs(arguments.drugs, common_names | surnames)
        write_list(LISTS_FOLDER / "drugs.txt.gz", drugs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
