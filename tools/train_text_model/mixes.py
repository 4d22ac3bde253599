"""Define the training sets of the two models whose mean is the shipped model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mix:
    """Composition of one training set.

    Attributes
    ----------
    name : str
        Folder of the checkpoint.
    counts : dict
        Number of documents by template file.
    side_by_side : int
        Number of documents whose lines come from different files.
    sentences : int
        Number of sentences of the public corpora.
    epochs : float
        Number of passes over the training set.
    """

    name: str
    counts: dict[str, int]
    side_by_side: int
    sentences: int
    epochs: float


#: Files of whole notes and sections in the styles of many countries and professions.
_STYLES = (
    "ambulance",
    "certificates",
    "clinics_abroad",
    "complaints_legal",
    "dentistry",
    "home_care",
    "laboratory",
    "mental_health",
    "negatives_abroad",
    "negatives_home",
    "obstetrics",
    "oncology_boards",
    "paediatrics",
    "pharmacy",
    "referrals",
    "registers",
    "rehabilitation",
    "research",
    "scans",
    "telehealth",
    "unusual",
)

#: There are many negatives, because text that must be kept is more diverse than PHI.
REPORTS = Mix(
    "reports",
    {
        "descriptors": 8000,
        "negatives": 11000,
        "telegraphic": 9000,
        "dictation": 4000,
        "messages": 4000,
        "lines": 3000,
        "foreign": 1500,
        "queries": 5000,
        "screens": 2500,
        "radiology": 1500,
        "discharge": 1500,
        "letters": 1500,
    }
    | dict.fromkeys(_STYLES, 300),
    side_by_side=0,
    sentences=6000,
    epochs=1.5,
)
WARDS = Mix(
    "wards",
    {
        "descriptors": 5000,
        "header_values": 8000,
        "negatives": 6500,
        "negatives_clinical": 7000,
        "telegraphic": 5000,
        "triage": 2500,
        "nursing": 2500,
        "history": 2500,
        "operative": 2000,
        "pathology": 2500,
        "cardiology": 2500,
        "imaging": 4500,
        "dictation": 2000,
        "spoken": 2500,
        "messages": 2500,
        "correspondence": 4000,
        "social": 2500,
        "claims": 1500,
        "families": 4000,
        "calendar": 3500,
        "lines": 2000,
        "forms": 4000,
        "foreign": 1500,
        "queries": 3500,
        "questions": 3500,
        "screens": 2500,
        "radiology": 1500,
        "discharge": 1500,
        "letters": 1500,
    }
    | dict.fromkeys(_STYLES, 600),
    side_by_side=7000,
    sentences=5000,
    epochs=0.8,
)
MIXES = (REPORTS, WARDS)
