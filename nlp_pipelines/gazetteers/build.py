"""Build the allow lists from the word lists of the training templates and ``dicom_terms.txt``.

Single words that some people bear as a surname are left out: ``Foley`` alone may be a person,
``Foley catheter`` is not. ``python -m nlp_pipelines.gazetteers.build --data FOLDER``
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

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
_WORD = re.compile(r"[^\W\d_]{3,}")
_HERE = Path(__file__).parent


def main() -> int:
    """Write the list beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SAFELIGHT_DATA"))
    options = parser.parse_args()
    path = Path(options.data) / "lists-phileas" / "src" / "test" / "resources" / "surnames.txt"
    given = Path(options.data) / "lists-phileas" / "src" / "main" / "resources" / "first-names.txt"
    surnames = {line.strip().lower() for line in path.read_text(encoding="utf-8").splitlines()}
    kept: set[str] = set()
    files = [_HERE.parent / "train" / "words" / f"{name}.txt" for name in _LISTS]
    for path in [*files, _HERE / "dicom_terms.txt"]:
        text = path.read_text(encoding="utf-8").replace("\n", " ")
        phrases = {part.strip() for part in text.split(",") if part.strip()}
        if path.stem in _WORD_BY_WORD:
            phrases |= {word for phrase in phrases for word in _WORD.findall(phrase)}
        for phrase in phrases:
            plain = phrase.lower().removesuffix("'s")
            if " " in plain or plain not in surnames:
                kept.add(phrase)
    names = surnames | {line.strip().lower() for line in given.read_text("utf-8").splitlines()}
    abbreviations = (_HERE.parent / "train" / "words" / "abbreviations.txt").read_text("utf-8")
    for short in abbreviations.replace("\n", " ").split(","):
        # those that are names too count only where the text shows that they are none
        if short.strip() and short.strip().lower() not in names and short.strip().isalpha():
            kept.add(short.strip())
    ranked = Path(options.data) / "lists-census1990-names" / "names" / "dist.all.last"
    frequent = {line.split()[0].lower() for line in ranked.read_text().splitlines()[:_FREQUENT]}
    signs = (_HERE.parent / "train" / "words" / "signs.txt").read_text(encoding="utf-8")
    for sign in (part.strip() for part in signs.replace("\n", " ").split(",")):
        if sign and not {word.lower() for word in _WORD.findall(sign)} & frequent:
            kept.add(sign)
    vendors = (_HERE.parent / "train" / "words" / "vendors.txt").read_text(encoding="utf-8")
    firms = {part.strip() for part in vendors.replace("\n", " ").split(",")} & kept
    (_HERE / "vendors.txt").write_text("\n".join(sorted(firms)) + "\n", encoding="utf-8")
    (_HERE / "not_names.txt").write_text("\n".join(sorted(kept)) + "\n", encoding="utf-8")
    for name in _IN_CONTEXT:
        text = (_HERE.parent / "train" / "words" / f"{name}.txt").read_text(encoding="utf-8")
        entries = {part.strip() for part in text.replace("\n", " ").split(",") if part.strip()}
        (_HERE / f"{name}.txt").write_text("\n".join(sorted(entries)) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
