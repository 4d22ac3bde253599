"""Plant values in clinical carrier text: ACI-Bench notes and sections of MTS-Dialog notes.

Names and dates that these texts hold already are replaced as well, if a title, the start of the
note or the format of a date identifies them. Doubtful sentences are left out.

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
# Numbers that may be a date, placeholders of removed names, months without a day.
_DOUBTFUL = re.compile(rf"\b\d{{1,2}}/\d\d\b(?!\d)|\b(?:XYZ|ABCD?|XXXX)\b|\b{_MONTH}\b|\b[XYZ]\b")
# Professions and ages may identify; numbers and the syntax of templates must not occur in clauses.
_UNUSABLE_CLAUSE = re.compile(
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
    """Return the corpus name and the original text of each note.

    Parameters
    ----------
    data : Path
        Folder with the corpora.
    split : str
        ``train`` or ``test``.
    """
    texts = []
    for folder, name, column in _FILES[split]:
        path = next((data / folder).rglob(name))
        with path.open(encoding="utf-8-sig", newline="") as file:
            texts += [(folder, row[column]) for row in csv.DictReader(file)]
    return texts


def known_identifiers(text: str) -> list[tuple[int, int]]:
    """Return the ranges of identifiers of a note that its format reveals."""
    patterns = [pattern for pattern, _ in _KNOWN] + [_MONTH_AND_YEAR]
    return [match.span() for pattern in patterns for match in pattern.finditer(text)]


def clauses(data: Path, split: Split, ordinary: set[str]) -> list[str]:
    """Return short sentences of the notes that cannot hold a name.

    Parameters
    ----------
    data : Path
        Folder with the corpora.
    split : str
        ``train`` or ``test``.
    ordinary : set of str
        Words in lower case that are never names. All other words of a sentence must be in lower
        case.
    """
    found = set()
    for _, text in read_carriers(data, split):
        for sentence in _SENTENCE.findall(text):
            words = re.findall(r"[^\W\d_]+", sentence)
            plain = 3 < len(words) < 16 and words[0].lower() in ordinary
            plain = plain and all(word.islower() or word.lower() in ordinary for word in words[1:])
            if plain and not known_identifiers(sentence) and not _DOUBTFUL.search(sentence):
                if not _UNUSABLE_CLAUSE.search(sentence):
                    found.add(" ".join(sentence.split()))
    return sorted(found)


def as_template(text: str) -> str:
    """Return a note as a template: identifiers become slots, doubtful sentences are left out."""
    text = text.replace("{", "(").replace("}", ")").replace("<", "less than ").replace("|", "/")
    for pattern, slot in _KNOWN:
        text = pattern.sub(slot, text)
    sentences = [part for part in _SENTENCE.findall(text) if part and not _DOUBTFUL.search(part)]
    return "".join(sentences)


def plant(text: str, slots: Slots, kind: str) -> Document:
    """Return a note with values planted in and between its sentences.

    Parameters
    ----------
    text : str
        Original note.
    slots : Slots
        Source of the values.
    kind : str
        Name of the corpus.
    """
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
