"""Generate the word lists of `safelight` from public sources."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Word lists of the library.
LISTS_FOLDER = ROOT / "safelight" / "text" / "lexicon" / "lists"
#: Development tools with the templates and word lists of the training data.
TRAINING_FOLDER = ROOT / "tools" / "train_text_model"


def write_list(path: Path, lines: Iterable[str]) -> None:
    """Write lines to a text file, compressed without a timestamp if its name ends with ``.gz``.

    Parameters
    ----------
    path : Path
    lines : iterable of str
        Lines without line breaks.
    """
    data = "".join(f"{line}\n" for line in lines).encode("utf-8")
    if path.suffix != ".gz":
        path.write_bytes(data)
        return
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(data)


def read_lower_lines(path: Path) -> set[str]:
    """Return the lines of a text file in lower case."""
    return {line.strip().lower() for line in path.read_text(encoding="utf-8").splitlines()}


def read_us_cities(folder: Path) -> list[str]:
    """Return the city of each row of the list of US cities in the folder of sources."""
    path = folder / "lists-us-cities" / "csv" / "us_cities.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [row["CITY"].strip() for row in csv.DictReader(file)]


def read_ranked_surnames(folder: Path) -> list[str]:
    """Return the surnames of the 1990 US census in lower case, the most frequent first."""
    path = folder / "lists-census1990-names" / "names" / "dist.all.last"
    return [line.split()[0].lower() for line in path.read_text("ascii").splitlines()]
