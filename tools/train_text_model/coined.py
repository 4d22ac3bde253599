"""Coin names of drugs, eponyms, trials, genes and devices that no list holds.

New drugs, trials and devices are named all the time. Therefore, a share of the terms that must be
kept is coined in the usual patterns of such names.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.train_text_model.slots import Slots

_STEMS = (
    "mab",
    "nib",
    "pril",
    "sartan",
    "statin",
    "olol",
    "azole",
    "cillin",
    "mycin",
    "oxacin",
    "gliptin",
    "gliflozin",
    "tide",
    "triptan",
    "setron",
    "prazole",
    "dipine",
    "parin",
    "xaban",
    "zepam",
    "barbital",
    "caine",
    "vir",
    "dronate",
    "ximab",
    "lukast",
    "terol",
    "phylline",
)
_SYLLABLES = (
    "ba",
    "be",
    "bri",
    "ca",
    "ce",
    "co",
    "da",
    "do",
    "el",
    "fa",
    "fi",
    "ga",
    "in",
    "ja",
    "ka",
    "la",
    "le",
    "lo",
    "ma",
    "mi",
    "na",
    "no",
    "o",
    "pa",
    "pra",
    "ra",
    "re",
    "ri",
    "sa",
    "se",
    "ta",
    "ti",
    "tra",
    "ul",
    "va",
    "ve",
    "vi",
    "xa",
    "xe",
    "ya",
    "za",
    "zo",
)
_ENDINGS = ("", "n", "x", "r", "l", "ra", "va", "sta", "lex", "pro", "tin", "vy", "qua", "ll")
_EPONYM_NOUNS = (
    "disease",
    "syndrome",
    "sign",
    "test",
    "procedure",
    "classification",
    "score",
    "fracture",
    "catheter",
    "tumor",
    "lesion",
    "criteria",
    "scale",
    "palsy",
    "hernia",
    "node",
    "drain",
    "reflex",
    "maneuver",
    "phenomenon",
    "'s disease",
    "'s sign",
    "'s syndrome",
    "'s test",
    "grade II",
    "stain",
    "ligament",
    "cyst",
    "operation",
    "position",
    "retractor",
    "index",
    "triad",
    "law",
    "formula",
    "angle",
    "method",
    "view",
    "line",
    "arthritis",
    "anemia",
)
_SCALE_NOUNS = (
    "score",
    "scale",
    "criteria",
    "classification",
    "index",
    "grade",
    "stage",
    "class",
    "rule",
    "rules",
    "staging",
    "test",
    "protocol",
    "chart",
    "formula",
    "nomogram",
    "questionnaire",
    "inventory",
    "screening",
    "sign",
    "signs",
    "consensus",
    "guideline",
    "definition",
    "position",
    "manoeuvre",
    "equation",
    "calculator",
    "algorithm",
    "schema",
    "system",
    "staging system",
    "pathway",
    "checklist",
    "model",
    "risk score",
    "treadmill score",
    "knee score",
    "pain scale",
    "coma scale",
    "activity index",
    "severity",
    "subtype",
    "triage",
    "naming test",
    "nosology",
    "atlas",
    "maturity",
)
_GRADES = ("1", "2", "2a", "2b", "3", "4", "i", "ii", "iii", "iv", "A", "B", "grade 2", "class C")
_TRIAL_ENDS = (
    "",
    "",
    "-2",
    "-3",
    " 4",
    "-HF",
    "-AF",
    " trial",
    " study",
    "-MI",
    " III",
    " trial",
    "-1",
    " registry",
    " cohort",
    "-EXTEND",
)
_DEVICE_ENDS = (
    "",
    " 64",
    " 300",
    " X5",
    " Pro",
    " HD",
    " 3T",
    " Plus",
    " II",
    " S8",
    " 1.5T",
    " CT",
)


def drug(slots: Slots) -> str:
    """Return a generic name with a stem, or a brand name."""
    rng = slots.rng
    start = "".join(rng.choices(_SYLLABLES, k=rng.randrange(1, 3)))
    if rng.random() < 0.4:
        return start + rng.choice(_STEMS)
    return (start + rng.choice(_SYLLABLES) + rng.choice(_ENDINGS)).title()


def eponym(slots: Slots) -> str:
    """Return a surname with the noun of a disease, sign or device."""
    rng = slots.rng
    name = rng.choice(
        [slots.rng.choice(slots.pools.last), slots.rng.choice(slots.pools.common_last)]
    )
    if rng.random() < 0.25:
        name += "-" + rng.choice(slots.pools.common_last)
    ending = rng.choice(_EPONYM_NOUNS)
    return name + ending if ending.startswith("'") else f"{name} {ending}"


def trial(slots: Slots) -> str:
    """Return the acronym of a study: a word in capitals."""
    word = slots.rng.choice(slots.pools.dictionary).upper()
    return word + slots.rng.choice(_TRIAL_ENDS)


def gene(slots: Slots) -> str:
    """Return the symbol of a gene: letters and a number."""
    rng = slots.rng
    letters = "".join(rng.choices(string.ascii_uppercase, k=rng.randrange(3, 6)))
    return letters + str(rng.randrange(1, 20)) * rng.randrange(2)


def device(slots: Slots) -> str:
    """Return the model name of a device: a word and a number."""
    return slots.rng.choice(slots.pools.dictionary).title() + slots.rng.choice(_DEVICE_ENDS)


def sign(slots: Slots) -> str:
    """Return a surname that is used as the short name of a test or instrument."""
    return slots.rng.choice(slots.pools.last)


def scale(slots: Slots) -> str:
    """Return a score, a classification or a rule that is named after people or a place."""
    rng, pools = slots.rng, slots.pools
    one, two = rng.choice(pools.last), rng.choice(pools.common_last)
    name = rng.choice([one, two, one, two, f"{one} and {two}", f"{two}-{one}", f"{one} {two}"])
    if rng.random() < 0.3:
        name = rng.choice(pools.cities)[0]
    noun = rng.choice(_SCALE_NOUNS)
    return rng.choice(
        [
            *[f"{name} {noun}"] * 4,
            f"{name}'s {noun}",
            f"{name} {noun} {rng.randrange(1, 30)}",
            f"{name} {rng.choice(_GRADES)}",
            f"{name} {rng.choice(_GRADES)} {noun}",
        ]
    )


COINERS: dict[str, Callable[[Slots], str]] = {
    "drugs": drug, "eponyms": eponym, "trials": trial, "genes": gene, "models": device,
    "signs": sign,
}  # fmt: skip
