from __future__ import annotations

import pytest

from safelight.text.recognizers.full_names import find_full_names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ravi Subramaniam contrast", "Ravi Subramaniam"),
        ("SUBRAMANIAM, RAVI T2 AX", "SUBRAMANIAM, RAVI"),
        ("scan of Yasmin K. Haddadi", "Yasmin K. Haddadi"),
    ],
)
def test_full_name_is_found_by_lists(text: str, name: str) -> None:
    assert [text[s.begin : s.end] for s in find_full_names(text)] == [name]


@pytest.mark.parametrize(
    "text", ["Karl Storz", "Jackson Pratt drain", "Chest Abdomen", "Paris Nord", "Maria hilft"]
)
def test_maker_eponym_or_terms_are_not_a_full_name(text: str) -> None:
    assert text not in [text[s.begin : s.end] for s in find_full_names(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("room 12 (Haddadi, Minseo) needs", ["Haddadi, Minseo"]),
        ("Tobias: not yet\nImpression: normal", ["Tobias"]),
        ("(Chest, Abdomen) seen", []),
        ("SPI Fatima. Follow up", ["Fatima"]),
        ("CT Chest. Follow up", []),
    ],
)
def test_name_in_brackets_and_speaker_are_found(text: str, names: list[str]) -> None:
    assert [text[s.begin : s.end] for s in find_full_names(text)] == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Is Melody Song due for her shot?", ["Melody Song"]),
        ("Is Will ready for discharge", ["Will"]),
        ("has April had her mammogram", ["April"]),
        ("Is Iris normal?", []),
        ("Is Parkinson due to genes?", []),
        ("Does Rose Bengal need any light?", []),
        ("will heparin need any change", []),
    ],
)
def test_the_subject_of_a_question_about_a_person_is_found(text: str, names: list[str]) -> None:
    assert [text[s.begin : s.end] for s in find_full_names(text)] == names
