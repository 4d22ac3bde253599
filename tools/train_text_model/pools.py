"""Load the values to plant, each of which belongs to the training half or to the test half.

The hash of the value in lower case decides the half. Therefore, the halves have no surname, street,
hospital or drug in common, and no list of either half has to be stored.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from safelight.text.lexicon.word_lists import listed_words

Split = Literal["train", "test"]
WORDS = Path(__file__).parent / "words"


def in_split(value: str, split: Split) -> bool:
    """Return whether a value belongs to a half; 7 of 10 values are for training."""
    digest = hashlib.sha256(value.strip().lower().encode()).digest()
    return (digest[0] % 10 < 7) == (split == "train")


def _half(values: Iterable[str], split: Split) -> list[str]:
    """Return the distinct values of a half, sorted."""
    kept = sorted({value.strip() for value in values if value.strip()})
    return [value for value in kept if in_split(value, split)]


def words(name: str, split: Split) -> list[str]:
    """Return the half of a comma-separated list in ``words/``."""
    return _half((WORDS / f"{name}.txt").read_text().replace("\n", " ").split(","), split)


@dataclass(frozen=True)
class Pools:
    """All lists of one half; ``common_*`` are frequent names, most frequent first."""

    split: Split
    common_last: list[str]
    last: list[str]
    common_female: list[str]
    common_male: list[str]
    first: list[str]
    word_names: list[str]
    foreign_last: list[str]
    foreign_first: list[str]
    streets: list[str]
    street_suffixes: list[str]
    cities: list[tuple[str, str, str]]
    hospitals: list[str]
    organisations: list[str]
    countries: list[str]
    jobs: list[str]
    dictionary: list[str]
    acronyms: list[str]
    employers: list[str]
    plain: dict[str, list[str]]


def _title_case(value: str) -> str:
    """Return a name in title case, with a lower-case genitive."""
    return value.strip().title().replace("'S ", "'s ")


def _nouns(data: Path) -> list[str]:
    """Return ordinary words of 4 to 8 letters, which surnames and towns may be as well."""
    lines = (data / "lists-english-dictionary" / "index.dic").read_text(encoding="utf-8")
    stems = (line.split("/")[0] for line in lines.splitlines()[1:] if "/" in line)
    return [stem for stem in stems if stem.islower() and stem.isalpha() and 3 < len(stem) < 9]


#: Function words, which the allow list of clinical words does not have.
FUNCTION_WORDS = set(
    "a an the and or but of in on at to by for with from as is are was were be been has have had "
    "he she it they his her their him them this that these those there no not does did do who "
    "which when if then than so we i you your our my me all any some more most also up out "
    "over".split()
)


def ordinary_words(data: Path) -> set[str]:
    """Return clinical and ordinary words that are not names, in lower case (Philter)."""
    path = data / "lists-philter" / "whitelists" / "whitelist_plus_fps_091718_nonames.json"
    return {word.lower() for word in json.loads(path.read_text(encoding="utf-8"))}


def _clinical(data: Path, names: set[str]) -> list[str]:
    """Return the ordinary words of 4 to 15 letters that are not in a set of names."""
    known = sorted(ordinary_words(data))
    return [word for word in known if 3 < len(word) < 16 and word.isalpha() and word not in names]


def load_pools(data: Path, split: Split) -> Pools:
    """Read the public lists; MODEL_CARD.md names their sources.

    Parameters
    ----------
    data : Path
        Folder with the lists.
    split : str
        Half to load, ``train`` or ``test``.

    Returns
    -------
    Pools
        All lists of the half.

    Raises
    ------
    FileNotFoundError
        If a list is missing.
    """
    census = data / "lists-census1990-names" / "names"

    def ranked(name: str) -> list[str]:
        """Return the names of a census file in order of frequency."""
        lines = (census / name).read_text().splitlines()
        return [
            value for value in (line.split()[0].title() for line in lines) if in_split(value, split)
        ]

    phileas = data / "lists-phileas" / "src"
    surnames = (phileas / "test" / "resources" / "surnames.txt").read_text().splitlines()
    first = (phileas / "main" / "resources" / "first-names.txt").read_text().splitlines()
    with (data / "lists-us-cities" / "csv" / "us_cities.csv").open(encoding="utf-8") as file:
        cities = [(row["CITY"], row["STATE_CODE"], row["COUNTY"]) for row in csv.DictReader(file)]
    hospital_file = data / "lists-cms-hospitals" / "hospital_ratings" / "hospital_info_full.csv"
    with hospital_file.open(encoding="latin-1") as file:
        hospitals = [_title_case(row["Hospital Name"]) for row in csv.DictReader(file)]
    companies_file = next((data / "text-presidio-research").rglob("companies_and_organ*.csv"))
    with companies_file.open(encoding="utf-8") as file:
        companies = [row[0] for row in csv.reader(file) if row and 3 < len(row[0]) < 40]
    with (data / "lists-country-codes" / "data" / "country-codes.csv").open(
        encoding="utf-8"
    ) as file:
        countries = [row["CLDR display name"] for row in csv.DictReader(file)]
    census_streets = data / "lists-census-streets"
    streets = [
        line.split(",")[0]
        for line in (census_streets / "1993_Census_Common_Street_Names.csv")
        .read_text()
        .splitlines()
    ]
    last = _half((name.strip().title() for name in surnames if len(name.strip()) > 2), split)
    return Pools(
        split=split,
        common_last=ranked("dist.all.last")[:4000],
        last=last,
        common_female=ranked("dist.female.first")[:900],
        common_male=ranked("dist.male.first")[:700],
        first=_half((name.strip().title() for name in first if len(name.strip()) > 2), split),
        word_names=words("names_that_are_words", split),
        foreign_last=words("foreign_surnames", split),
        foreign_first=words("foreign_given_names", split),
        streets=_half((_title_case(name) for name in streets), split) + last[::40],
        street_suffixes="Street St St. Avenue Ave Ave. Road Rd Drive Dr Lane Ln Boulevard Blvd "
        "Court Ct Way Place Pl Terrace Circle Parkway Pkwy Highway Trail".split(),
        cities=[city for city in cities if in_split(city[0], split)],
        hospitals=_half(hospitals, split),
        organisations=_half(companies, split),
        countries=_half(countries, split),
        jobs=words("jobs", split),
        dictionary=_half(_nouns(data), split),
        acronyms=words("hospital_acronyms", split),
        employers=words("employers", split),
        plain={
            name: words(name, split)
            for name in (
                "drugs",
                "anatomy",
                "findings",
                "eponyms",
                "vendors",
                "models",
                "sequences",
                "trials",
                "genes",
                "abbreviations",
                "signs",
                "organisms",
                "supplies",
                "kin",
                "service",
                "symptom",
                "lang",
            )
        }
        | {
            "med": _half(
                _clinical(data, {name.strip().lower() for name in surnames + first}), split
            )
        },
    )


def states() -> list[tuple[str, str]]:
    """Return code and name of the US states; both halves share this closed class."""
    # the list has the codes of the states in the order of their names; DC and PR follow
    return list(zip(listed_words("us_states.code"), listed_words("us_states.name")))
