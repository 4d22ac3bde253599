"""Every action on every entity, by a rule file, in notes and in images alike."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pydicom
import pytest

from safelight import Deidentifier
from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.formats import FilePart
from safelight.records import Span
from safelight.rules import RuleSet, load_rules
from tests.headers.objects import make_object, to_bytes
from tests.notes.helpers import KEY

RULES = """
name: mine
version: 1
extends: research
names: {style: surrogate}
text:
  entities:
    NAME: surrogate
    DATE: shift
    AGE: generalise
    ID: token
    SSN: mask_fixed_length
    CONTACT: remove
    LOCATION: mask_same_length
    ZIP: generalise
    STATE: keep
    PROFESSION: mask
"""
#: What a model would say of the texts below: entity and fine label by the words.
SPANS = {
    "Hargreave": ("NAME", "PATIENT"), "Ottoline": ("NAME", "PATIENT"),
    "Venkat": ("NAME", "CLINICIAN"), "2020-01-02": ("DATE", ""), "94 years": ("AGE", ""),
    "61 years": ("AGE", ""), "QX-7781": ("ID", ""), "PAT-00917": ("ID", "MRN"),
    "512-44-8713": ("ID", "SSN"), "617-555-0142": ("CONTACT", "PHONE"),
    "Wexcombe": ("LOCATION", "CITY"), "02139": ("LOCATION", "ZIP"), "Utah": ("LOCATION", "STATE"),
    "welder": ("PROFESSION", ""),
}  # fmt: skip
NOTE = (
    "Ottoline Hargreave, welder, 94 years (61 years in 1987), PAT-00917, case QX-7781 and again "
    "QX-7781, SSN 512-44-8713, phone 617-555-0142; Wexcombe, Utah 02139; seen 2020-01-02 by "
    "Dr. Venkat."
)


def annotate(texts: Sequence[str]) -> list[list[Span]]:
    return [
        [
            Span(m.start(), m.end(), *SPANS[m[0]][:1], "ner", 0.9, SPANS[m[0]][1])
            for m in re.finditer("|".join(map(re.escape, SPANS)), text)
        ]
        for text in texts
    ]


@pytest.fixture
def rules(tmp_path: Path) -> RuleSet:
    (tmp_path / "mine.yaml").write_text(RULES)
    return load_rules(str(tmp_path / "mine.yaml"))


def test_each_entity_goes_as_the_rules_say_and_as_in_images(rules: RuleSet) -> None:
    notes = NotesDeidentifier(rules, key=KEY, annotate=annotate)
    table = "patient_id,patient_name,accession_number,note\n"
    table += f'PAT-00917,"Hargreave, Ottoline",QX-7781,"{NOTE}"\n'
    result = notes.deidentify(FilePart(table.encode(), "csv", "a.csv"))
    assert result.data is not None, result.reason
    (row,) = csv.DictReader(io.StringIO(result.data.decode(), newline=""))
    note = row["note"]

    images = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=annotate)
    original = make_object(
        PatientID="PAT-00917", PatientName="Hargreave^Ottoline", AccessionNumber="QX-7781",
        StudyDate="20200102", StudyDescription="Hargreave seen 2020-01-02",
    )  # fmt: skip
    original.pop("IssuerOfPatientID", None)
    done = images.deidentify(to_bytes(original))
    assert done.data is not None, done.reason
    image = pydicom.dcmread(io.BytesIO(done.data), force=True)

    surname, _, given = str(image.PatientName).partition("^")
    assert note.startswith(f"{given} {surname}, [PROFESSION], ")
    assert row["patient_name"] == f"{surname}, {given}"
    assert ", 90+ years (60-69 years in 1987), " in note
    assert row["patient_id"] == image.PatientID and f", {image.PatientID}, case" in note
    assert row["accession_number"] == image.AccessionNumber
    case = re.search(r"case (\S+) and again (\S+),", note)
    assert case is not None and case[1] == case[2] == image.AccessionNumber
    assert "SSN ********, phone ;" in note
    assert f"; {'*' * len('Wexcombe')}, Utah 021**;" in note
    day = f"{image.StudyDate[:4]}-{image.StudyDate[4:6]}-{image.StudyDate[6:]}"
    assert f"seen {day} by" in note and day in image.StudyDescription
    assert image.StudyDescription.startswith(surname)
    for secret in SPANS.keys() - {"Utah", "61 years"}:
        assert secret not in result.data.decode()
    assert {finding.action for finding in result.notes[0].findings} == {
        "surrogate", "mask", "shift", "generalise", "token", "mask_fixed_length", "remove",
        "mask_same_length", "keep",
    }  # fmt: skip
