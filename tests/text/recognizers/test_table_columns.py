from __future__ import annotations

import pytest

from safelight.text.recognizers.table_columns import find_table_names


def names(text: str) -> list[tuple[str, str]]:
    """Return the names of a text with their roles."""
    return [(text[span.begin : span.end], span.subtype) for span in find_table_names(text)]


def test_names_are_in_the_columns_of_people() -> None:
    text = "Bed | Patient | Dx | Night RN\n1 | El Idrissi | DKA | Suze\n2 | empty | - | Joost"
    assert names(text) == [
        ("El Idrissi", "PATIENT"),
        ("Suze", "CLINICIAN"),
        ("Joost", "CLINICIAN"),
    ]


def test_tabs_separate_columns_too() -> None:
    text = "Name\tProcedure\tSurgeon\nAshby, Noel\tTURBT\tKeane\n"
    assert names(text) == [("Ashby, Noel", "PATIENT"), ("Keane", "CLINICIAN")]


def test_semicolons_separate_columns_too() -> None:
    text = "Bed;Name;Age;Jobs\nA2;Kaur (Manjit);64;bloods\nA4;Okpara;59;rehab"
    assert names(text) == [("Kaur (Manjit)", "PATIENT"), ("Okpara", "PATIENT")]


def test_commas_separate_columns_below_heads_without_spaces() -> None:
    text = "id,surname,provider\n7,Oduor,kiprui\n"
    assert names(text) == [("Oduor", "PATIENT"), ("kiprui", "CLINICIAN")]
    assert names("Patient, nurse, doctor\nAnkle, swollen, cold") == []


def test_rule_of_dashes_is_below_the_heads() -> None:
    text = "| Name | Room | Diet |\n|---|---|---|\n| Petrossian, G. | 202 | TF |"
    assert names(text) == [("Petrossian, G.", "PATIENT")]


@pytest.mark.parametrize(
    "text",
    [
        "Patient | Ann Lee | MRN\nSex | F | DOB",  # a label and its value in one row
        "Bed | Patient | Dx\n1 | N/A | none\n2 | pending | none",
        "Name | Dose | Route\n\nAspirin | daily | oral",  # the table has ended
        "a | b",
    ],
)
def test_other_cells_are_kept(text: str) -> None:
    assert names(text) == []
