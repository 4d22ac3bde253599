"""Define the training sets of the stages; each stage trains two models and takes their mean."""

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
    },
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
    },
    side_by_side=7000,
    sentences=5000,
    epochs=0.8,
)
#: Files of whole notes and sections in the styles of many countries and professions.
_STYLES = (
    "ambulance",
    "certificates",
    "clinics_abroad",
    "complaints_legal",
    "dentistry",
    "dictated",
    "exports",
    "filled_forms",
    "handovers",
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
    "shorthand_people",
    "statements",
    "tables",
    "telehealth",
    "threads",
    "unusual",
)


#: Files of styles in which single names and initials are between abbreviations, and negatives.
_DENSE_STYLES = (
    "handovers",
    "negatives_abroad",
    "negatives_home",
    "shorthand_people",
    "tables",
    "threads",
    "unusual",
)


def _continued(name: str, base: Mix, share: float) -> Mix:
    """Return a mix of the files of styles, and of a share of an earlier mix against forgetting."""
    counts = {kind: round(count * share) for kind, count in base.counts.items()}
    counts |= dict.fromkeys(_STYLES, 1200) | dict.fromkeys(_DENSE_STYLES, 2400)
    return Mix(
        name,
        counts,
        side_by_side=6000,
        sentences=round(base.sentences * share),
        epochs=1.0,
    )


#: Files of the third stage: more styles of notes, and short queries with and without people.
_MORE_STYLES = (
    "imaging_abroad",
    "mail_threads",
    "narratives",
    "negatives_lists",
    "shorthand_places",
    "ward_notes",
)
_SHORT_QUERIES = {
    "queries": 14000,
    "questions": 14000,
    "queries_general": 36000,
    "queries_wards": 36000,
}


def _queries_and_styles(name: str, base: Mix, share: float) -> Mix:
    """Return a mix of short queries and more styles, and of shares of both earlier stages."""
    counts = {kind: round(count * share) for kind, count in base.counts.items()}
    counts |= dict.fromkeys(_STYLES, 220) | dict.fromkeys(_DENSE_STYLES, 400)
    counts |= dict.fromkeys(_MORE_STYLES, 1500) | _SHORT_QUERIES
    return Mix(
        name,
        counts,
        side_by_side=2500,
        sentences=round(base.sentences * share),
        epochs=1.0,
    )


#: Mixes of the first stage, which starts from the MiniLM weights.
FIRST_STAGE = (REPORTS, WARDS)
#: Mixes of the second stage, which continues with the mean of the first.
SECOND_STAGE = (
    _continued("styles-and-reports", REPORTS, 0.35),
    _continued("styles-and-wards", WARDS, 0.25),
)
#: Mixes of the third stage, which continues with the model of the second.
THIRD_STAGE = (
    _queries_and_styles("queries-and-reports", REPORTS, 0.08),
    _queries_and_styles("queries-and-wards", WARDS, 0.07),
)
