"""Build ``allow_list.txt.gz``: words that may stay in a picture, from DICOM's own vocabulary.

    python tools/word_lists/pixel_allow_list.py CENSUS_NAMES EPONYMS.csv

Words of the concept names that pydicom carries (PS3.16 context groups, SNOMED CT and DICOM
terms), of attribute keywords and of body parts. What is a surname to the 1990 US census and
no ordinary word is left out, unless medicine named something after its bearer.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from pathlib import Path

from pydicom._dicom_dict import DicomDictionary
from pydicom.sr._concepts_dict import concepts

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import given_names, is_word

_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+")
#: Schemes whose names are anatomy, technique, findings and units.
_SCHEMES = ("DCM", "SCT", "UCUM", "LN", "RADLEX", "FMA", "MDC", "NEU")


ROOT = Path(__file__).resolve().parents[2]


def _names(path: Path) -> set[str]:
    files = sorted(path.glob("**/*all*")) if path.is_dir() else [path]
    return {line.split()[0].lower() for file in files for line in file.open() if line.split()}


def main(census: str, eponyms: str) -> None:
    """Write the list beside this script."""
    names = _names(Path(census)) | set(given_names())
    with open(eponyms, newline="") as file:
        allowed = {row["eponym"].lower() for row in csv.DictReader(file)}
    words: set[str] = set(allowed)
    for scheme in _SCHEMES:
        for name in concepts[scheme]:
            words.update(word.lower() for word in _CAMEL.findall(name) if len(word) > 2)
    for entry in DicomDictionary.values():
        words.update(word.lower() for word in _CAMEL.findall(entry[4]) if len(word) > 2)
    kept = sorted(
        fold_text(word) for word in words if word in allowed or word not in names or is_word(word)
    )
    target = ROOT / "safelight" / "pixels" / "lexicon" / "lists" / "allow_list.txt.gz"
    with open(target, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as out:
        out.write(("\n".join(kept) + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
