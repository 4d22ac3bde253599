"""Make synthetic persons and their identifiers from a random generator."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_PARTS = Path(__file__).parent / "people.yaml"

#: Syllables of surnames that are in no list of names.
_ONSETS = ("Br", "D", "Gr", "K", "L", "M", "N", "P", "R", "Sk", "T", "V", "Z", "Ch", "H", "Th")
_VOWELS = ("a", "e", "i", "o", "u", "ae", "ou", "ie")
_CODAS = ("ld", "n", "rk", "ss", "nt", "m", "x", "lla", "vic", "dotti", "gaard", "mbe", "shka")
_INVENTED_SHARE = 0.3


@dataclass(frozen=True)
class Person:
    """Name of a person: components without and with other scripts.

    Attributes
    ----------
    surname, given : str
        Components in the alphabetic representation.
    dicom_name : str
        Value of a PN element, with all component groups.
    """

    surname: str
    given: str
    dicom_name: str


@dataclass(frozen=True)
class Patient:
    """A patient, with all that identifies the patient and the places of the examinations."""

    language: str
    encoding: str
    person: Person
    birth: date
    sex: str
    age: int
    patient_id: str
    other_id: str
    ssn: str
    insurance: str
    address: str
    phone: str
    email: str
    mother: Person
    issuer: str


@dataclass(frozen=True)
class Site:
    """Institution and staff of an examination."""

    hospital: str
    department: str
    address: str
    city: str
    phone: str
    url: str
    ip: str
    referrer: Person
    reader: Person
    operator: Person


@lru_cache(maxsize=1)
def load_parts() -> dict[str, dict[str, list[str]]]:
    """Return the parts of persons by language."""
    parts: dict[str, dict[str, list[str]]] = yaml.safe_load(_PARTS.read_text("utf-8"))
    return parts


def make_person(draw: random.Random, language: str) -> Person:
    """Return a person; some surnames are invented."""
    parts = load_parts()[language]
    surname, given = draw.choice(parts["surnames"]), draw.choice(parts["given"])
    if "=" not in surname and draw.random() < _INVENTED_SHARE:
        surname = draw.choice(_ONSETS) + draw.choice(_VOWELS) + draw.choice("bdglmnrt")
        surname += draw.choice(_VOWELS) + draw.choice(_CODAS)
    groups = zip(surname.split("="), given.split("="))
    name = "=".join(f"{one}^{other}" for one, other in groups)
    if "=" not in name and draw.random() < 0.5:
        name = name.upper() if language != "de" else name
    return Person(surname.split("=")[0].title(), given.split("=")[0].title(), name)


def make_patient(draw: random.Random, language: str) -> Patient:
    """Return a patient."""
    parts = load_parts()[language]
    person = make_person(draw, language)
    age = draw.choice([draw.randrange(1, 18), draw.randrange(18, 90), draw.randrange(40, 90)])
    birth = date(2019, 6, 30) - timedelta(days=age * 365 + draw.randrange(80, 280))
    digits = f"{draw.randrange(10**7, 10**8)}"
    user = f"{_ascii(person.given)}.{_ascii(person.surname)}".lower()
    domain = draw.choice(["example.com", "mailbox.example.org"])
    return Patient(
        language=language,
        encoding=draw.choice(parts["encodings"]),
        person=person,
        birth=birth,
        sex=draw.choice("MF"),
        age=age,
        patient_id=draw.choice(
            [digits, f"MRN{digits}", f"{digits[:3]}-{digits[3:]}", f"PX{digits[:6]}"]
        ),
        other_id=f"{draw.choice('QXZ')}{draw.randrange(10**8, 10**9)}",
        ssn=f"{draw.randrange(100, 665)}-{draw.randrange(11, 99)}-{draw.randrange(1000, 9999)}",
        insurance=f"HP{draw.randrange(10**8, 10**9)}",
        address=make_address(draw, language),
        phone=make_phone(draw, language),
        email=f"{user}{draw.randrange(10, 99)}@{domain}",
        mother=make_person(draw, language),
        issuer=draw.choice(["", f"{draw.choice(parts['cities'])} Health Network"]),
    )


def make_site(draw: random.Random, language: str) -> Site:
    """Return an institution with its staff."""
    parts = load_parts()[language]
    city, surname = draw.choice(parts["cities"]), make_person(draw, language).surname
    name = draw.choice(parts["hospitals"]).format(city=city, surname=surname)
    domain = f"{_ascii(city).lower()}-clinic.example"
    return Site(
        hospital=name,
        department=draw.choice(
            ["Radiology West Wing", "Dept. of Nuclear Medicine", "Cardiology 3B"]
        ),
        address=make_address(draw, language),
        city=city,
        phone=make_phone(draw, language),
        url=f"https://portal.{domain}/view?id={draw.randrange(10**5, 10**6)}",
        ip=f"10.{draw.randrange(100, 255)}.{draw.randrange(100, 255)}.{draw.randrange(10, 255)}",
        referrer=make_person(draw, language),
        reader=make_person(draw, language),
        operator=make_person(draw, language),
    )


def make_address(draw: random.Random, language: str) -> str:
    """Return a postal address."""
    parts = load_parts()[language]
    street, number = draw.choice(parts["streets"]), draw.randrange(101, 2999)
    city, zip_code = draw.choice(parts["cities"]), draw.choice(parts["zips"])
    if language == "en":
        return f"{number} {street}, {city}, {draw.choice(parts['regions'])} {zip_code}"
    if language == "fr":
        return f"{number} {street}, {zip_code} {city}"
    return f"{street} {number}, {zip_code} {city}"


def make_phone(draw: random.Random, language: str) -> str:
    """Return a telephone number."""
    pattern = draw.choice(load_parts()[language]["phones"])
    values: dict[str, Any] = {
        "area": draw.randrange(201, 989),
        "three": draw.randrange(100, 999),
        "four": draw.randrange(1000, 9999),
    }
    values |= {name: draw.randrange(10, 99) for name in ("two", "two2", "two3")}
    return str(pattern.format(**values))


def _ascii(text: str) -> str:
    plain = "".join(letter for letter in text if letter.isascii() and letter.isalnum())
    return plain or "user"
