"""Test the actions on fields, and that notes and images have the same pseudonyms."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace

import pydicom
import pytest

from safelight import Deidentifier
from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.field_actions import parse_rule
from safelight.notes.field_cleaner import FieldCleaner, date_action
from safelight.notes.formats import FilePart
from safelight.notes.models import FilePartResult, NoteResult, SpansByText
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Span
from safelight.rules import RuleSet, load_rules
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.headers.objects import make_object, to_bytes
from tests.notes.helpers import KEY, read_csv

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
#: Spans of a text model for the note: entity and subtype by word.
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


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    path = tmp_path_factory.mktemp("rules") / "mine.yaml"
    path.write_text(RULES)
    return load_rules(str(path))


@pytest.fixture(scope="module")
def cleaned_note(rules: RuleSet) -> NoteResult:
    return _clean_table(rules).notes[0]


@pytest.fixture(scope="module")
def row(rules: RuleSet) -> dict[str, str]:
    """Return the cleaned row of a table with the note."""
    (row,) = read_csv(_clean_table(rules).data)
    return row


def _clean_table(rules: RuleSet) -> FilePartResult:
    table = "patient_id,patient_name,accession_number,note\n"
    table += f'PAT-00917,"Hargreave, Ottoline",QX-7781,"{NOTE}"\n'
    notes = NotesDeidentifier(rules, key=KEY, annotate=annotate)
    return notes.deidentify(FilePart(table.encode(), "csv", "a.csv"))


@pytest.fixture(scope="module")
def image(rules: RuleSet) -> pydicom.Dataset:
    """Return a de-identified image of the same patient."""
    images = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=annotate)
    original = make_object(
        PatientID="PAT-00917", PatientName="Hargreave^Ottoline", AccessionNumber="QX-7781",
        StudyDate="20200102", StudyDescription="Hargreave seen 2020-01-02",
    )  # fmt: skip
    original.pop("IssuerOfPatientID", None)
    done = images.deidentify(to_bytes(original))
    assert done.data is not None, done.reason
    return pydicom.dcmread(io.BytesIO(done.data), force=True)


@pytest.mark.parametrize("secret", sorted(SPANS.keys() - {"Utah", "61 years"}))
def test_a_cleaned_row_contains_no_phi(row: dict[str, str], secret: str) -> None:
    assert secret not in " ".join(row.values())


def test_names_have_the_surrogates_of_images(row: dict[str, str], image: pydicom.Dataset) -> None:
    surname, _, given = str(image.PatientName).partition("^")
    assert row["note"].startswith(f"{given} {surname}, [PROFESSION], ")
    assert row["patient_name"] == f"{surname}, {given}"
    assert image.StudyDescription.startswith(surname)


def test_identifiers_have_the_pseudonyms_of_images(
    row: dict[str, str], image: pydicom.Dataset
) -> None:
    assert row["patient_id"] == image.PatientID and f", {image.PatientID}, case" in row["note"]
    assert row["accession_number"] == image.AccessionNumber
    case = re.search(r"case (\S+) and again (\S+),", row["note"])
    assert case is not None and case[1] == case[2] == image.AccessionNumber


def test_dates_have_the_shift_of_images(row: dict[str, str], image: pydicom.Dataset) -> None:
    day = f"{image.StudyDate[:4]}-{image.StudyDate[4:6]}-{image.StudyDate[6:]}"
    assert f"seen {day} by" in row["note"] and day in image.StudyDescription


def test_ages_and_places_are_generalized_and_masked(row: dict[str, str]) -> None:
    assert ", 90+ years (60-69 years in 1987), " in row["note"]
    assert "SSN ********, phone ;" in row["note"]
    assert f"; {'*' * len('Wexcombe')}, Utah 021**;" in row["note"]


def test_findings_state_the_action_of_each_span(cleaned_note: NoteResult) -> None:
    assert {finding.action for finding in cleaned_note.findings} == {
        "surrogate", "mask", "shift", "generalise", "token", "mask_fixed_length", "remove",
        "mask_same_length", "keep",
    }  # fmt: skip


@pytest.fixture
def cleaner() -> FieldCleaner:
    pseudonyms = Pseudonyms(KEY, "tests", (-10, -10))
    known = KnownPHI([KnownValue("NAME", "ZYXWELL"), KnownValue("NAME", "FINAL")])
    spans: SpansByText = {"of Zyxwell": (), "zyxwell": ()}
    return FieldCleaner(
        load_rules("research"), pseudonyms, pseudonyms.patient("P1"), known, spans, 1936
    )


@pytest.mark.parametrize(
    ("rule", "value", "new"),
    [
        ("verbatim", "of Zyxwell", "of Zyxwell"),
        ("keep", "of Zyxwell", "of [NAME]"),
        ("keep", "zyxwell", "[NAME]"),
        ("keep", "final", "final"),
        ("keep", "SNOMED:49049000", "SNOMED:49049000"),
        ("keep", "49049000", "49049000"),
        ("keep", "x " * 60, None),
        ("word", "F 48213377", None),
        ("word", "49049", "49049"),
        ("number", "7.5", "7.5"),
        ("number", "seven", None),
        ("LOCATION", "Wexcombe", "[LOCATION]"),
        ("zip", "2139", "021**"),
        ("age", "93", "90"),
        ("date", "2020-01-31", "2020-01-21"),
        ("date", "unknown", None),
        ("birth_date", "1900-01-31", "1936"),
        ("remove", "x", None),
        ("issuer", "x", None),
        ("walk", "x", None),
        ("remove", " ", " "),
    ],
)
def test_a_value_is_changed_by_its_rule(
    cleaner: FieldCleaner, rule: str, value: str, new: str | None
) -> None:
    assert cleaner.visit_value(parse_rule(rule), value, "x") == new


def test_the_identifier_of_the_patient_is_the_pseudonym(cleaner: FieldCleaner) -> None:
    assert cleaner.visit_value(parse_rule("token"), "P1", "x") == cleaner.patient.pseudonym
    assert [mapping.kind for mapping in cleaner.mappings] == ["patient_id"]


def test_a_text_without_annotation_is_refused(cleaner: FieldCleaner) -> None:
    with pytest.raises(Refusal) as refused:
        cleaner.visit_text(["a note"], ["x"])
    assert refused.value.reason is Reason.TEXT_NOT_CLEANED


def test_a_text_is_removed_without_a_text_model(cleaner: FieldCleaner) -> None:
    cleaner.spans = None
    assert cleaner.visit_text(["a note"], ["x"]) is None


def test_a_replacement_is_in_the_segment_where_its_span_begins(cleaner: FieldCleaner) -> None:
    cleaner.spans = {"by Quimb\nleton": [Span(3, 14, "NAME", "ner", 0.9)]}
    assert cleaner.visit_text(["by Quimb", "leton"], ["x", "y"]) == ["by [NAME]", ""]
    assert [finding.field for finding in cleaner.findings] == ["x"]


def test_characters_are_counted_before_and_after_cleaning(cleaner: FieldCleaner) -> None:
    cleaner.spans = {"by Quimbleton": [Span(3, 13, "NAME", "ner", 0.9)]}
    cleaner.visit_text(["by Quimbleton"], ["x"])
    assert (cleaner.chars_in, cleaner.chars_out) == (len("by Quimbleton"), len("by [NAME]"))


def test_date_fields_are_removed_if_the_rules_reduce_dates() -> None:
    rules = load_rules("research")
    assert date_action(rules) == "shift"
    assert date_action(replace(rules, date_precision="month")) == "remove"


_DUTCH = "De patiënt werd opgenomen en is niet naar huis gegaan, er zijn klachten."


@pytest.mark.parametrize(
    ("text", "entities"),
    [(_DUTCH, ["LANGUAGE"]), ("The patient was admitted and has no complaints.", [])],
)
def test_a_text_in_an_unsupported_language_has_a_finding_if_the_rules_clean_it(
    cleaner: FieldCleaner, text: str, entities: list[str]
) -> None:
    policy = replace(cleaner.rules.text, unsupported_language="clean")
    cleaner.rules = replace(cleaner.rules, text=policy)
    cleaner.spans = {text: ()}
    assert cleaner.visit_text([text], ["note"]) == [text]
    assert [(one.entity, one.action) for one in cleaner.findings] == [
        (entity, "keep") for entity in entities
    ]


def test_a_text_in_an_unsupported_language_is_refused_by_default(cleaner: FieldCleaner) -> None:
    cleaner.spans = {_DUTCH: ()}
    with pytest.raises(Refusal) as refused:
        cleaner.visit_text([_DUTCH], ["note"])
    assert refused.value.reason is Reason.UNSUPPORTED_LANGUAGE
