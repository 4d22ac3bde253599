"""Clinical carrier text with planted values: ACI-Bench notes and MTS-Dialog note sections.

The names and dates that these texts hold already are replaced too, where a title, the
opening of a note or a date form gives them away; sentences where that is in doubt are left out.

Sources: ACI-Bench (Yim et al., 2023) and MTS-Dialog (Ben Abacha et al., 2023), CC BY 4.0.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tools.train_text_model.pools import Split
from tools.train_text_model.slots import Slots
from tools.train_text_model.templates import Document, expand, render

_FILES = {
    "train": (
        ("text-aci-bench", "train.csv", "note"),
        ("text-mts-dialog", "MTS-Dialog-TrainingSet.csv", "section_text"),
    ),
    "test": (
        ("text-aci-bench", "valid.csv", "note"),
        ("text-aci-bench", "clinicalnlp_taskB_test1.csv", "note"),
        ("text-mts-dialog", "MTS-Dialog-ValidationSet.csv", "section_text"),
        ("text-mts-dialog", "MTS-Dialog-TestSet-1-MEDIQA-Chat-2023.csv", "section_text"),
        ("text-mts-dialog", "MTS-Dialog-TestSet-2-MEDIQA-Sum-2023.csv", "section_text"),
    ),
}
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December)"
)
_KNOWN = (
    (re.compile(rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d\b"), "{fulldate}"),
    (re.compile(r"\b\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)\b"), "{fulldate}"),
    (re.compile(rf"\b{_MONTH},? (?:of )?(?:19|20)\d\d\b"), "{partdate}"),
    (re.compile(rf"\b{_MONTH} \d{{1,2}}\b"), "{partdate}"),
    (re.compile(r"(?<=Dr\. )[A-Z][\w-]*(?: [A-Z][a-z]+)?(?:(?='s)|\b)"), "{clinician}"),
    (re.compile(r"(?<=Mr\. )[A-Z][\w-]*(?: [A-Z][a-z]+)?\b"), "{last}"),
    (re.compile(r"(?<=Ms\. )[A-Z][\w-]*(?: [A-Z][a-z]+)?\b"), "{last}"),
    (re.compile(r"(?<=Mrs\. )[A-Z][\w-]*(?: [A-Z][a-z]+)?\b"), "{last}"),
    (re.compile(r"(?m)^[A-Z][a-z]+ [A-Z][a-z]+(?= is a (?:pleasant|very|\d))"), "{name}"),
    (re.compile(r"\b(?:9\d|10\d)(?=[- ]year[- ]old)"), "{age90}"),
    (
        re.compile(r"\bABCD? (?:General )?(?:Hospital|Medical Center)|\bXYZ (?:Hospital|Clinic)"),
        "{hospital}",
    ),
)
_MONTH_AND_YEAR = re.compile(r"\b\d{1,2}/(?:19|20)\d\d\b")
# Numbers that may be a date, capitals that stand for names taken out, months alone.
_DOUBT = re.compile(rf"\b\d{{1,2}}/\d\d\b(?!\d)|\b(?:XYZ|ABCD?|XXXX)\b|\b{_MONTH}\b|\b[XYZ]\b")
# Professions and ages may identify; numbers and marks of templates may not be planted twice.
_NO_CLAUSE = re.compile(
    r"\b(?:work|employ|retire|occupation|profession|job|school|college|student|teach|nurse|year)"
    r"|\d{3}|[/{}<>|]",
    re.I,
)
_SENTENCE = re.compile(r"[^.\n]*(?:\.(?!\s|$)[^.\n]*)*(?:\.|\n|$)\s*")
_PATIENT = re.compile(r"\b(?:The patient|the patient)\b")
_PLANTED = """
{hospital} records were reviewed.|Seen by Dr. {last} <on|in> {date}.|Phone {phone}.|MRN {mrn}.
Discussed with {name}, {cred}.|<She|He> lives in {city}, {state}.|<She|He> works as a {job}.
<She|He> works at {org}.|Last visit {date}.|<Her|His> <husband|wife|son|daughter> {first} is here.
Previously followed at {hospital} in {city}.|Surgery on {fulldate} by {name}.|DOB {dob}.
Transferred from {hospital} on {date}.|Email {email}.|Referred by {name} of {hospital}.
{first} {last} was present.|Address: {street}, {city}, {st} {zip}.|Born {dob} in {country}.
<Her|His> mother, {name}, is {age90} years old.|Interpreter {first} was used.|Accession {acc}.
""".replace("\n", "|").strip("|")


def read_carriers(data: Path, split: Split) -> list[tuple[str, str]]:
    """Name of the corpus and text of each note, as they are."""
    texts = []
    for folder, name, column in _FILES[split]:
        path = next((data / folder).rglob(name))
        with path.open(encoding="utf-8-sig", newline="") as file:
            texts += [(folder, row[column]) for row in csv.DictReader(file)]
    return texts


def known_identifiers(text: str) -> list[tuple[int, int]]:
    """Where a note holds identifiers of its own, as far as their form tells."""
    patterns = [pattern for pattern, _ in _KNOWN] + [_MONTH_AND_YEAR]
    return [match.span() for pattern in patterns for match in pattern.finditer(text)]


def clauses(data: Path, split: Split, ordinary: set[str]) -> list[str]:
    """Short sentences of the notes that can hold no name: their words are small or ordinary.

    Parameters
    ----------
    ordinary : set of str
        Words in lower case that nobody bears as a name.
    """
    found = set()
    for _, text in read_carriers(data, split):
        for sentence in _SENTENCE.findall(text):
            words = re.findall(r"[^\W\d_]+", sentence)
            plain = 3 < len(words) < 16 and words[0].lower() in ordinary
            plain = plain and all(word.islower() or word.lower() in ordinary for word in words[1:])
            if plain and not known_identifiers(sentence) and not _DOUBT.search(sentence):
                if not _NO_CLAUSE.search(sentence):
                    found.add(" ".join(sentence.split()))
    return sorted(found)


def as_template(text: str) -> str:
    """A note with its own identifiers turned into slots, doubtful sentences left out."""
    text = text.replace("{", "(").replace("}", ")").replace("<", "less than ").replace("|", "/")
    for pattern, slot in _KNOWN:
        text = pattern.sub(slot, text)
    sentences = [part for part in _SENTENCE.findall(text) if part and not _DOUBT.search(part)]
    return "".join(sentences)


def plant(text: str, slots: Slots, kind: str) -> Document:
    """One note with values planted into and between its sentences."""
    rng = slots.rng
    template = as_template(text)
    template = _PATIENT.sub(
        lambda match: (
            match[0]
            if rng.random() < 0.5
            else rng.choice(
                ["Mr. {last}", "Ms. {last}", "Mrs. {last}", "{fullname}", "{first}", "{name}"]
            )
        ),
        template,
    )
    sentences = _SENTENCE.findall(template)
    for _ in range(rng.randrange(0, 2 + len(sentences) // 6)):
        line = rng.choice(_PLANTED_LINES)
        sentences.insert(rng.randrange(len(sentences) + 1), expand(line, rng) + " ")
    return render("".join(sentences), slots, kind)


_PLANTED_LINES = [line for line in re.split(r"\|(?![^<]*>)", _PLANTED) if line]
