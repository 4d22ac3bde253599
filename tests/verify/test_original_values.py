"""Values of an original that its output is searched for."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.verify.dicom_object import DicomObject
from safelight.verify.original_values import (
    OriginalValue,
    collect_original_values,
    iterate_dates,
)
from tests.verify.objects import original, to_bytes


def collect(codes: frozenset[str] = frozenset(), **changes: str) -> set[tuple[str, str]]:
    ds: Dataset = original()
    for keyword, value in changes.items():
        setattr(ds, keyword, value)
    found = collect_original_values(DicomObject.parse(to_bytes(ds)), codes)
    return {(value.kind, value.text) for value in found}


def test_a_name_is_searched_for_whole_reversed_and_in_parts() -> None:
    assert {
        ("name", "quillfeather ottoline"), ("name", "ottoline quillfeather"),
        ("name", "quillfeather"), ("name", "ottoline"),
    } <= collect()  # fmt: skip


@pytest.mark.parametrize("name", ["Chest^MR", "Li", "III", "ANONYMOUS"])
def test_common_and_short_names_are_left_out(name: str) -> None:
    values = collect(PatientName=name)
    assert not {text for kind, text in values if kind == "name"} & set(name.lower().split("^"))


@pytest.mark.parametrize(
    ("patient_id", "is_searched"),
    [("MR-4471902", True), ("A123", True), ("12", False), ("ABCDE", False), ("0000000", False)],
)
def test_short_ids_are_left_out(patient_id: str, is_searched: bool) -> None:
    assert (("id", patient_id.lower()) in collect(PatientID=patient_id)) is is_searched


def test_granted_values_are_left_out() -> None:
    assert ("text", "lakeside infirmary") in collect()
    assert ("text", "lakeside infirmary") not in collect(frozenset({"113112"}))
    assert not [kind for kind, _ in collect(frozenset({"113110"})) if kind == "uid"]


def test_distinctive_words_of_an_institution_are_searched_for() -> None:
    words = {text for kind, text in collect() if kind == "word"}
    assert words == {"lakeside"}
    usual = collect(InstitutionName="University Hospital, Institute of Radiology West")
    assert not {text for kind, text in usual if kind == "word"}


def test_initials_are_searched_for_in_both_orders() -> None:
    found = collect(PatientName="Quillfeather^Ottoline^Maud")
    assert {text for kind, text in found if kind == "initials"} >= {"oq", "qo", "omq"}


@pytest.mark.parametrize("name", ["Adams^Peter", "Quillfeather", "Q^Ottoline"])
def test_abbreviations_and_single_letters_are_not_taken_for_initials(name: str) -> None:
    sources = {"pa", "ap", "oq", "q"}
    assert not {text for kind, text in collect(PatientName=name) if kind == "initials"} & sources


def test_a_value_is_encoded_in_three_cases_and_character_sets() -> None:
    encodings = OriginalValue("name", "zoë", "(0010,0010)").encodings
    assert {b"ZO\xc3\x8b", b"zo\xeb", "Zoë".encode("utf-16-le")} <= encodings


def test_dates_have_the_path_of_their_element() -> None:
    parsed = DicomObject.parse(to_bytes(original()))
    assert ("(0008,0020)", "20240310") in set(iterate_dates(parsed.elements))


@pytest.mark.parametrize(
    ("patient_id", "number"),
    [
        ("MR-4471902", "4471902"),
        ("00447190", "447190"),
        ("AB12", ""),
        ("1.2.840.113619.6", ""),
        ("4471902", ""),
    ],
)
def test_the_number_in_an_id_is_a_value(patient_id: str, number: str) -> None:
    values = {text for kind, text in collect(PatientID=patient_id) if kind == "digits"}
    assert values - {"558812"} == ({number} if number else set())


def test_names_are_searched_for_without_separators() -> None:
    names = {text for kind, text in collect(PatientName="Quillby^Ottoline") if kind == "name"}
    assert {"quillbyottoline", "ottolinequillby", "oquillby", "quillbyo"} <= names
