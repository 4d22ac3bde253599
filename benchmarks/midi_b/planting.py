"""Plant PHI into free text, and know what must be retained and removed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import yaml

from benchmarks.midi_b.people import Patient, Site
from benchmarks.midi_b.text_match import are_all_removed

_PHRASES = Path(__file__).parent / "phrases.yaml"
_FIELD = re.compile(r"\{(\w+)\}")
_ATTEMPTS = 60

#: Fields that hold a date; the challenge checks that the original string is gone.
_DATE_FIELDS = ("birth_", "exam_", "prior_")

#: HIPAA category (letter of 45 CFR 164.514(b)(2)(i)) of each field, without its first words.
_CATEGORIES = {
    "patient_id": "HIPAA-H", "accession": "HIPAA-R", "phone": "HIPAA-D", "email": "HIPAA-F",
    "ssn": "HIPAA-G", "insurance": "HIPAA-I", "address": "HIPAA-B", "hospital": "HIPAA-B",
    "city": "HIPAA-B", "url": "HIPAA-N", "ip": "HIPAA-O",
}  # fmt: skip


@dataclass(frozen=True)
class PlantedValue:
    """PHI in a text.

    Attributes
    ----------
    field : str
        What it is.
    text : str
    """

    field: str
    text: str

    @property
    def is_date(self) -> bool:
        """Return whether this is a date."""
        return self.field.startswith(_DATE_FIELDS)

    @property
    def category(self) -> str:
        """Return the category of HIPAA."""
        return "HIPAA-C" if self.is_date else _CATEGORIES.get(self.field, "HIPAA-A")


@dataclass(frozen=True)
class PlantedText:
    """A text with PHI.

    Attributes
    ----------
    text : str
        The whole text.
    clean : str
        Text that must be retained.
    planted : tuple of PlantedValue
        PHI that must be removed.
    """

    text: str
    clean: str
    planted: tuple[PlantedValue, ...]


@lru_cache(maxsize=1)
def _load_phrases() -> dict[str, dict[str, list[str]]]:
    phrases: dict[str, dict[str, list[str]]] = yaml.safe_load(_PHRASES.read_text("utf-8"))
    return phrases


class Planter:
    """Planter of the PHI of one examination.

    Parameters
    ----------
    draw : random.Random
    patient : Patient
    site : Site
    exam_date : date
    accession : str
    """

    def __init__(
        self, draw: random.Random, patient: Patient, site: Site, exam_date: date, accession: str
    ):
        self._draw = draw
        self._language = patient.language
        prior = exam_date - timedelta(days=draw.randrange(40, 900))
        self._values = {
            "given": patient.person.given,
            "surname": patient.person.surname,
            "GIVEN": patient.person.given.upper(),
            "SURNAME": patient.person.surname.upper(),
            "patient_id": patient.patient_id,
            "accession": accession,
            "phone": patient.phone,
            "email": patient.email,
            "ssn": patient.ssn,
            "insurance": patient.insurance,
            "address": patient.address,
            "hospital": site.hospital,
            "city": site.city,
            "url": site.url,
            "ip": site.ip,
            "doctor": site.reader.surname,
            "doctor_given": site.reader.given,
            "operator": site.operator.surname,
            "operator_given": site.operator.given,
            "mother": patient.mother.surname,
            "mother_given": patient.mother.given,
            **_format_dates("birth", patient.birth),
            **_format_dates("exam", exam_date),
            **_format_dates("prior", prior),
        }

    def plant(self, clean: str, kind: str, max_characters: int) -> PlantedText:
        """Return a text with PHI; without PHI if no phrase fits.

        Parameters
        ----------
        clean : str
            Text that must be retained.
        kind : str
            ``short`` or ``long``.
        max_characters : int
        """
        phrases = _load_phrases()[kind]
        choices = phrases[self._language]
        if self._language != "en" and self._draw.random() < 0.3:
            choices = phrases["en"]
        for _ in range(_ATTEMPTS):
            phrase = self._draw.choice(choices)
            text = phrase.format(clean=clean, **self._values)
            fields = [name for name in _FIELD.findall(phrase) if name != "clean"]
            planted = tuple(PlantedValue(name, self._values[name]) for name in fields)
            if len(text) <= max_characters and _is_satisfiable(phrase, clean, planted):
                return PlantedText(text, clean, planted)
        return PlantedText(clean, clean, ())


def _is_satisfiable(phrase: str, clean: str, planted: Sequence[PlantedValue]) -> bool:
    """Return whether the checks of a text pass on the text without its PHI."""
    ideal = _FIELD.sub(lambda match: clean if match[1] == "clean" else "", phrase)
    texts = [one.text for one in planted]
    return all(are_all_removed(ideal, text) for text in texts)


def _format_dates(name: str, day: date) -> dict[str, str]:
    return {
        f"{name}_us": f"{day:%m/%d/%Y}",
        f"{name}_iso": f"{day:%Y-%m-%d}",
        f"{name}_dicom": f"{day:%Y%m%d}",
        f"{name}_de": f"{day:%d.%m.%Y}",
        f"{name}_fr": f"{day:%d/%m/%Y}",
        f"{name}_long": f"{day:%B} {day.day}, {day.year}",
    }
