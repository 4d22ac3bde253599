"""Make ``allow_list.txt.gz``: words from the vocabulary of DICOM that may be kept in pixels.

    python -m tools.word_lists.pixel_allow_list CENSUS_NAMES EPONYMS.csv

The words come from the concept names of pydicom (context groups of PS3.16, SNOMED CT and DICOM
terms) and from attribute keywords. A word that is a name in the 1990 US census and not an English
word is left out, unless it is an eponym of medicine.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

from pydicom._dicom_dict import DicomDictionary
from pydicom.sr._concepts_dict import concepts

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import given_names, is_word
from tools.word_lists import ROOT, write_list

_TARGET = ROOT / "safelight" / "pixels" / "lexicon" / "lists" / "allow_list.txt.gz"
_CAMEL_CASE_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+")
_MIN_CHARACTERS = 3
#: Coding schemes whose concepts are anatomy, technique, findings and units.
_CODING_SCHEMES = ("DCM", "SCT", "UCUM", "LN", "RADLEX", "FMA", "MDC", "NEU")


def _read_names(path: Path) -> set[str]:
    """Return the first word of each line of a file, or of the files ``*all*`` in a folder."""
    files = sorted(path.glob("**/*all*")) if path.is_dir() else [path]
    return {line.split()[0].lower() for file in files for line in file.open() if line.split()}


def _split_words(text: str) -> set[str]:
    """Return the words of a keyword or concept name in lower case."""
    return {w.lower() for w in _CAMEL_CASE_WORD.findall(text) if len(w) >= _MIN_CHARACTERS}


def main(census: str, eponyms: str) -> None:
    """Write the list.

    Parameters
    ----------
    census : str
        Path of the names of the 1990 census, a file or a folder.
    eponyms : str
        Path of a CSV file with a column ``eponym``.
    """
    names = _read_names(Path(census)) | set(given_names())
    with open(eponyms, newline="") as file:
        eponym_words = {row["eponym"].lower() for row in csv.DictReader(file)}
    words = set(eponym_words)
    for scheme in _CODING_SCHEMES:
        for concept in concepts[scheme]:
            words |= _split_words(concept)
    for entry in DicomDictionary.values():
        words |= _split_words(entry[4])
    allowed = (w for w in words if w in eponym_words or w not in names or is_word(w))
    write_list(_TARGET, sorted(fold_text(word) for word in allowed))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
