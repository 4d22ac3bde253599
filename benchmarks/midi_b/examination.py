"""Draw one examination of the corpus: patient, place, dates, texts and identifiers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from benchmarks.midi_b.people import Patient, Site, make_site
from benchmarks.midi_b.planting import PlantedText, Planter

_MODALITIES = Path(__file__).parent / "modalities.yaml"

#: Share of the texts in which PHI is planted; the others must be retained as they are.
_PLANTED_SHARE = 0.55

#: Character sets that can encode the descriptions of all languages.
_LATIN_1_ENCODINGS = ("ISO_IR 100", "ISO_IR 192")

_UID_ROOT = "1.3.6.1.4.1.99999.1"


@lru_cache(maxsize=1)
def load_modalities() -> dict[str, dict[str, Any]]:
    """Return the kinds of objects by name."""
    kinds: dict[str, dict[str, Any]] = yaml.safe_load(_MODALITIES.read_text("utf-8"))
    return kinds


@dataclass
class Examination:
    """One study of one series, and the source of all that is drawn for it.

    Attributes
    ----------
    draw : random.Random
    patient : Patient
    site : Site
    kind : str
        Kind of the objects, a key of :func:`load_modalities`.
    taken : datetime
    accession, study_id : str
    study_uid, series_uid, frame_uid : str
    """

    draw: random.Random
    patient: Patient
    site: Site
    kind: str
    taken: datetime
    accession: str
    study_id: str
    study_uid: str
    series_uid: str
    frame_uid: str
    planter: Planter

    @property
    def spec(self) -> dict[str, Any]:
        """Return the description of the kind."""
        return load_modalities()[self.kind]

    @property
    def day(self) -> str:
        """Return the date of the examination as DA."""
        return f"{self.taken:%Y%m%d}"

    @property
    def time(self) -> str:
        """Return the time of the examination as TM."""
        return f"{self.taken:%H%M%S}"

    @property
    def timestamp(self) -> str:
        """Return date and time of the examination as DT."""
        return f"{self.taken:%Y%m%d%H%M%S}"

    def make_uid(self) -> str:
        """Return a new UID."""
        return make_uid(self.draw)

    def chance(self, share: float) -> bool:
        """Return true in a share of the calls."""
        return self.draw.random() < share

    def earlier(self, days: int) -> str:
        """Return a date up to some days before the examination as DA."""
        return f"{self.taken - timedelta(days=self.draw.randrange(1, days)):%Y%m%d}"

    def make_text(self, max_characters: int = 64, kind: str = "short") -> PlantedText:
        """Return a description, mostly with PHI."""
        texts = self.spec["text"]
        if self.patient.encoding not in _LATIN_1_ENCODINGS:
            texts = [text for text in texts if text.isascii()]
        clean = self.draw.choice(texts)
        if not self.chance(_PLANTED_SHARE):
            return PlantedText(clean, clean, ())
        return self.planter.plant(clean, kind, max_characters)


def make_uid(draw: random.Random) -> str:
    """Return a UID of one of several lengths."""
    parts = [
        str(draw.randrange(1, 10 ** draw.randrange(2, 11))) for _ in range(draw.randrange(2, 4))
    ]
    return ".".join([_UID_ROOT, *parts])


def draw_examination(draw: random.Random, patient: Patient, kind: str) -> Examination:
    """Return an examination of a patient."""
    taken = datetime(2006, 1, 2) + timedelta(minutes=draw.randrange(60 * 24 * 365 * 12))
    first = datetime.combine(patient.birth, datetime.min.time()) + timedelta(days=40)
    taken = max(taken, first + timedelta(days=draw.randrange(200)))
    site = make_site(draw, patient.language)
    accession = f"{draw.choice(['A', 'ACC', 'RAD', ''])}{draw.randrange(10**7, 10**8)}"
    return Examination(
        draw=draw,
        patient=patient,
        site=site,
        kind=kind,
        taken=taken,
        accession=accession,
        study_id=f"S{draw.randrange(10**5, 10**6)}",
        study_uid=make_uid(draw),
        series_uid=make_uid(draw),
        frame_uid=make_uid(draw),
        planter=Planter(draw, patient, site, date(taken.year, taken.month, taken.day), accession),
    )
