"""Build ``not_names.txt`` from the word lists of the training templates.

Single words that some people bear as a surname are left out: ``Foley`` alone may be a person,
``Foley catheter`` is not. ``python -m nlp_pipelines.gazetteers.build --data FOLDER``
"""

from __future__ import annotations

import argparse
import os
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
)
_HERE = Path(__file__).parent


def main() -> int:
    """Write the list beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SAFELIGHT_DATA"))
    options = parser.parse_args()
    path = Path(options.data) / "lists-phileas" / "src" / "test" / "resources" / "surnames.txt"
    surnames = {line.strip().lower() for line in path.read_text(encoding="utf-8").splitlines()}
    kept: set[str] = set()
    for name in _LISTS:
        text = (_HERE.parent / "train" / "words" / f"{name}.txt").read_text(encoding="utf-8")
        for phrase in (part.strip() for part in text.replace("\n", " ").split(",")):
            plain = phrase.lower().removesuffix("'s")
            if phrase and not (plain in surnames and " " not in plain):
                kept.add(phrase)
    (_HERE / "not_names.txt").write_text("\n".join(sorted(kept)) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
