"""Surface values to plant, each either in the training or in the test half.

A value belongs to a half by the hash of its lower-case form, so the two halves share no
surname, street, hospital, drug … and no list of either needs to be kept.
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Literal

Split = Literal["train", "test"]
WORDS = Path(__file__).parent / "words"

#: Surnames that are also words: what a model confuses most, so they are drawn more often.
WORD_NAMES = """
Rose Hill Long Black Young Brown White Green Day May June April Summer Summers Grace Hope Joy Faith
Will Mark Bill Frank Grant Chase Page Price Rich Stone Wood Woods Fields Lake Rivers Banks Bush Bond
Cook Carter Cross Case Mills Wall Walls Church Bishop Pope King Prince Knight Love Power Small Short
Little Head Hand Foote Payne Bone Coffin Graves Gray Moody Strong Swift Sharp Wise Good Best Noble
Bright Early Winter Winters Frost Snow Rains Storm Parkinson Baker Bell Down Foley Gleason Hunter
Murphy Barrett Hodgkin Wilson Turner Jones Bennett Colles Cooper Allen Weber Hawkins Thompson Cullen
Major Marsh Meadows Moss North West East Park Parks Pearl Penny Ray Reed Robin Ruby Sandy Savage Sage
Sears Shade Shields Singer Skye Spring Steele Sterling Sunny Tanner Taylor Temple Tiger Trout Underwood
Violet Ward Waters Weeks Wolf Worth Abbott Amber Angel Ash Autumn Bailey Ball Barber Bass Beard Berry
Bird Bishop Blood Booth Bowman Branch Brook Brooks Buck Burns Butcher Butler Cannon Carpenter Castle
Cash Chambers Christian Clay Coates Cole Colon Cotton Crane Daisy Dale Dawn Dean Dick Drew Drake Duke
Earl Eve Fine Fish Fisher Flowers Ford Forest Fox Franks Freeman French Friend Gale Gates Gold Golden
Goodman Hale Hall Hardy Harmony Hart Hays Heath Heather Holiday Holly Hood Horn House Iris Ivy Jack
Jasmine Jay Joyce Justice Keen Lamb Lance Lane Law Leaf Lily Lord Lovely Lucky Lynch Mann Mason Max
Melody Mercy Miles Miller Misty Money Moon Nash Noel Norm Olive Pace Paige Paris Patience Peace Peach
Pierce Pike Plant Poole Porter Post Pound Prudence Queen Quick Raven Reeves Rice Ring Rock Rocky Roman
Root Rush Rusty Sally Sargent Scales Self Sellers Shore Skinner Slaughter Stable Star Starr Stern Street
Tate Terry Tuck Tyler Valentine Vernon Viola Virgo Wade Walker Wayne Weaver Webb Welch Wells Wild
""".split()

#: Names in scripts of other peoples as they are written in English notes.
FOREIGN_LAST = """
Nguyễn Trần Müller Schröder Weiß Groß Jäger O'Brien O'Connor D'Angelo McDonald MacLeod Fitzgerald
St.Clair Van-Dyke Muñoz Peña Ibáñez Núñez Gutiérrez Hernández Rodríguez Jiménez García-López
Lefèvre Béranger Lévesque Côté Gagné D'Amico Dell'Acqua Ångström Øster Sørensen Håkansson Çelik
Yıldız Şahin Öztürk Kovács Szabó Nagy Novák Dvořák Černý Svobodová Wójcik Kowalczyk Łukasiewicz
Zając Popescu Ionescu Papadopoulos Georgiou Ivanov Kuznetsova Petrenko Shevchenko Al-Hassan
El-Sayed Abdulrahman Bin-Laith Ben-David Goldberg Rosenthal Okonkwo Adeyemi Mbeki Nkrumah Diallo
Traoré Haile Tesfaye Patel Chaudhary Ramaswamy Venkataraman Krishnamurthy Subramanian Iyer Gupta
Banerjee Mukherjee Siddiqui Hussain Zhang Xu Qian Ouyang Huang Cheung Ng Watanabe Yamamoto
Kobayashi Takahashi Kim Park-Lee Choi Nakamura Bui Phạm Vũ Wongsakul Santoso Reyes-Cruz Dela-Cruz
""".split()
FOREIGN_FIRST = """
José María Sofía Andrés Joaquín Iñigo Begoña Zoë Chloé François Hélène Anaïs Jürgen Günther Jörg
Käthe Björn Åsa Søren Łukasz Małgorzata Zdeněk Jiří Ömer Ayşe Çağla Aleksandr Oksana Dmitri Svetlana
Mohammed Fatima Abdullah Aisha Yusuf Hamza Khadija Priya Rahul Sanjay Lakshmi Ananya Arjun Wei Xiaoming
Li Mei Jian Hiroshi Yuki Kenji Sakura Min-jun Ji-woo Thị Văn Minh Linh Chidi Ngozi Kwame Amara Tendai
Siobhán Niamh Eoghan Rhys Llewellyn Giuseppe Niccolò Chiara Dimitrios Eleni João Conceição Rui
""".split()


def in_split(value: str, split: Split) -> bool:
    """Whether a value belongs to the half; 7 of 10 are for training."""
    digest = hashlib.sha256(value.strip().lower().encode()).digest()
    return (digest[0] % 10 < 7) == (split == "train")


def _half(values: Iterable[str], split: Split) -> list[str]:
    kept = sorted({value.strip() for value in values if value.strip()})
    return [value for value in kept if in_split(value, split)]


def words(name: str, split: Split) -> list[str]:
    """One of the comma-separated lists in ``words/``."""
    return _half((WORDS / f"{name}.txt").read_text().replace("\n", " ").split(","), split)


@dataclass(frozen=True)
class Pools:
    """All lists of one half. ``common_*`` are the frequent ones, most frequent first."""

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
    plain: dict[str, list[str]]


def _titled(value: str) -> str:
    return value.strip().title().replace("'S ", "'s ")


def load_pools(data: Path, split: Split) -> Pools:
    """Read the public lists below ``data`` (see MODEL_CARD.md for where they come from).

    Raises
    ------
    FileNotFoundError
        If a list is not there.
    """
    census = data / "lists-census1990-names" / "names"

    def ranked(name: str) -> list[str]:
        lines = (census / name).read_text().splitlines()
        return [value for value in (line.split()[0].title() for line in lines) if
                in_split(value, split)]

    phileas = data / "lists-phileas" / "src"
    surnames = (phileas / "test" / "resources" / "surnames.txt").read_text().splitlines()
    first = (phileas / "main" / "resources" / "first-names.txt").read_text().splitlines()
    with (data / "lists-us-cities" / "csv" / "us_cities.csv").open(encoding="utf-8") as file:
        cities = [(row["CITY"], row["STATE_CODE"], row["COUNTY"]) for row in csv.DictReader(file)]
    hospital_file = data / "lists-cms-hospitals" / "hospital_ratings" / "hospital_info_full.csv"
    with hospital_file.open(encoding="latin-1") as file:
        hospitals = [_titled(row["Hospital Name"]) for row in csv.DictReader(file)]
    companies_file = next((data / "text-presidio-research").rglob("companies_and_organ*.csv"))
    with companies_file.open(encoding="utf-8") as file:
        companies = [row[0] for row in csv.reader(file) if row and 3 < len(row[0]) < 40]
    with (data / "lists-country-codes" / "data" / "country-codes.csv").open(
            encoding="utf-8") as file:
        countries = [row["CLDR display name"] for row in csv.DictReader(file)]
    census_streets = data / "lists-census-streets"
    streets = [line.split(",")[0] for line in
               (census_streets / "1993_Census_Common_Street_Names.csv").read_text().splitlines()]
    last = _half((name.strip().title() for name in surnames if len(name.strip()) > 2), split)
    return Pools(
        split=split,
        common_last=ranked("dist.all.last")[:4000],
        last=last,
        common_female=ranked("dist.female.first")[:900],
        common_male=ranked("dist.male.first")[:700],
        first=_half((name.strip().title() for name in first if len(name.strip()) > 2), split),
        word_names=_half(WORD_NAMES, split),
        foreign_last=_half(FOREIGN_LAST, split),
        foreign_first=_half(FOREIGN_FIRST, split),
        streets=_half((_titled(name) for name in streets), split) + last[::40],
        street_suffixes="Street St St. Avenue Ave Ave. Road Rd Drive Dr Lane Ln Boulevard Blvd Court Ct "
                        "Way Place Pl Terrace Circle Parkway Pkwy Highway Trail".split(),
        cities=[city for city in cities if in_split(city[0], split)],
        hospitals=_half(hospitals, split),
        organisations=_half(companies, split),
        countries=_half(countries, split),
        jobs=words("jobs", split),
        plain={name: words(name, split) for name in
               ("drugs", "anatomy", "findings", "eponyms", "vendors", "models", "sequences",
                "trials", "genes")},
    )


def states() -> list[tuple[str, str]]:
    """Code and name of the states of the USA; a closed class, so shared by both halves."""
    return [tuple(pair) for pair in json.loads((WORDS / "states.json").read_text())]
