"""Make the word and name lists of this folder from public sources; run by hand, kept to repeat it.

    python -m tools.word_lists.text_lists FOLDER

``FOLDER`` holds the sources as named in NOTICE: 1990 Census names, 2010 SSA first names,
2010 Census surnames, the wooorm English dictionary, Philter's allow list, and general NER corpora
and the training templates, whose words in lower case are the everyday words. None of them is text
that figures are measured on.
"""

from __future__ import annotations

import collections
import csv
import gzip
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "safelight" / "text" / "lexicon" / "lists"
#: Brian, as some census takers wrote it: as a word it stands in every second description.
_MISSPELT = frozenset(("brain",))
_WORD = re.compile(r"[^\W\d_]+")


def _write(name: str, lines: list[str]) -> None:
    data = "\n".join(lines) + "\n"
    if name.endswith(".gz"):
        with open(HERE / name, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
            file.write(data.encode())
    else:
        (HERE / name).write_text(data, encoding="utf-8")


def _dictionary(folder: Path) -> set[str]:
    """Lower-case stems; the dictionary writes proper names with a capital."""
    stems = (folder / "lists-english-dictionary/index.dic").read_text("utf-8").splitlines()[1:]
    words = {stem.split("/")[0].replace("'", "") for stem in stems}
    return {word for word in words if word.isalpha() and word == word.lower() and len(word) > 1}


def _frequent(folder: Path) -> set[str]:
    """Words that general text writes in lower case at least four times of five."""
    lower: collections.Counter[str] = collections.Counter()
    every: collections.Counter[str] = collections.Counter()
    for name in ("ner-btc", "ner-crossner", "ner-sec-filings", "ner-wikigold", "ner-wnut17"):
        for path in sorted((folder / name).rglob("*")):
            if path.suffix not in (".conll", ".annotated", ".txt") or "README" in path.name:
                continue
            for line in path.read_text("utf-8", errors="replace").splitlines():
                for word in _WORD.findall((line.split() or [""])[0]):
                    every[word.lower()] += 1
                    lower[word.lower()] += word.islower()
    return {word for word, n in every.items() if n >= 4 and lower[word] >= 0.8 * n}


def _own() -> set[str]:
    """Words that the templates of the training data write in lower case."""
    train = ROOT / "tools" / "train_text_model"
    words: set[str] = set()
    for path in sorted((train / "templates").glob("*.txt")):
        if path.stem != "foreign":
            text = re.sub(r"\{\w+\}|^[\[@#].*$", " ", path.read_text("utf-8"), flags=re.M)
            words |= {word for word in _WORD.findall(text) if word.islower()}
    for name in ("anatomy", "findings"):
        text = (train / "words" / f"{name}.txt").read_text("utf-8")
        words |= {word for word in _WORD.findall(text) if word.islower()}
    return words


def _borne(folder: Path) -> set[str]:
    """Surnames of 100 people and more, given names, and the names that Philter knows."""
    source = folder / "lists-phileas/src"
    files = ("test/resources/surnames.txt", "main/resources/first-names.txt")
    borne = {
        line.strip().lower() for name in files for line in (source / name).read_text().splitlines()
    }
    for name in ("firstnames_minus_fps", "lastnames_minus_fps"):
        path = folder / f"lists-philter/blacklists/{name}.json"
        borne.update(json.loads(path.read_text("utf-8")))
    return borne


def _places(folder: Path) -> set[str]:
    """Towns of the USA and the place names that Philter knows."""
    path = folder / "lists-philter/blacklists/updated_address_blacklist.json"
    places = set(json.loads(path.read_text("utf-8")))
    with open(folder / "lists-us-cities/csv/us_cities.csv", encoding="utf-8") as file:
        places |= {row["CITY"].strip().lower() for row in csv.DictReader(file)}
    return places


def _allowed(folder: Path) -> set[str]:
    """The clinical and common words of Philter's allow list."""
    path = folder / "lists-philter/whitelists/whitelist_plus_fps_091718_nonames.json"
    words = json.loads(path.read_text("utf-8"))
    return {word for word in words if word.isalpha() and len(word) > 1}


def _given(folder: Path) -> dict[str, tuple[float, float]]:
    """Share of women and of men who bear a given name, in percent."""
    shares: dict[str, list[float]] = collections.defaultdict(lambda: [0.0, 0.0])
    for column, name in enumerate(("female", "male")):
        path = folder / f"lists-census1990-names/names/dist.{name}.first"
        for line in path.read_text("ascii").splitlines():
            given, share = line.split()[:2]
            shares[given.lower()][column] += float(share)
    with open(folder / "lists-ssa-2010/Data/yob2010.txt", encoding="ascii") as file:
        for given, sex, count in csv.reader(file):
            if int(count) >= 50:
                shares[given.lower()][sex == "M"] += int(count) / 20_000
    return {name: (share[0], share[1]) for name, share in shares.items() if name not in _MISSPELT}


def main(folder: Path) -> None:
    dictionary, given, borne = _dictionary(folder), _given(folder), _borne(folder)
    own = {word for word in _own() if word in dictionary or word not in borne}
    everyday = {word for word in _frequent(folder) | own if word.isascii() and len(word) > 1}
    # what is a name and never a word slips through the shares above
    everyday -= {word for word in everyday if word in given and word not in dictionary}
    words = dictionary | everyday | (_allowed(folder) - borne - _places(folder))
    _write("words.txt.gz", sorted(words))
    _write("everyday_words.txt", sorted(everyday))
    _write("words_that_are_names.txt.gz", sorted(words & (borne | set(given))))
    rows = []
    for name, (women, men) in sorted(given.items()):
        sex = "F" if women > 5 * men else "M" if men > 5 * women else "U"
        rows.append(f"{name},{sex}")
    _write("given_names.csv.gz", rows)
    for sex, column in (("female", 0), ("male", 1)):
        common = sorted(given, key=lambda name: -given[name][column])
        sure = [n for n in common if given[n][column] > 20 * given[n][1 - column]]
        chosen = [n for n in sure if n not in words and len(n) > 3][:500]
        _write(f"surrogate_{sex}.txt", sorted(chosen))
    with open(folder / "lists-census-streets/2010_Census_Surnames.csv", encoding="utf-8") as file:
        surnames = [row["Name"].strip().lower() for row in csv.DictReader(file)]
    last = (folder / "lists-census1990-names/names/dist.all.last").read_text("ascii")
    frequent = {line.split()[0].lower() for line in last.splitlines()[:8000]}
    _write("surnames_that_are_words.txt", sorted(frequent & words))
    chosen = [
        n for n in surnames if n not in words and n not in given and len(n) > 3 and n.isalpha()
    ]
    _write("surrogate_surnames.txt", sorted(chosen))
    with open(folder / "lists-us-cities/csv/us_cities.csv", encoding="utf-8") as file:
        towns = collections.Counter(row["CITY"].strip() for row in csv.DictReader(file))
    # towns of that name in four states or more, so that the name points to none
    chosen = [
        n
        for n, states in towns.items()
        if states > 3 and n.isalpha() and len(n) > 4 and n.lower() not in words | set(given)
    ]
    _write("surrogate_cities.txt", sorted(chosen))
    restricted = json.loads((folder / "lists-zip3-restricted/zip3_restricted.json").read_text())
    prefixes = {prefix for name, part in restricted.items() if "population" not in name
                for prefix in part}  # fmt: skip
    _write("zip3_restricted.txt", sorted(prefixes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
