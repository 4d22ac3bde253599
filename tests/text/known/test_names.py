"""Known names are found in any order, case and format."""

from __future__ import annotations

import pytest

from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.text.known.finding import find_texts

NAME = KnownValue("NAME", "SMITHSON^JOHN^ALAN", "PATIENT")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CT CHEST Smithson, John A.", ["Smithson, John A"]),
        ("J. Smithson seen", ["J. Smithson"]),
        ("SMITHSON J", ["SMITHSON J"]),
        ("john smithson's mri", ["john smithson"]),
        ("SMITHSON^JOHN^A^^", ["SMITHSON^JOHN^A"]),
        ("file SmithsonJohn_CT", ["SmithsonJohn"]),
        ("user jsmithson", ["jsmithson"]),
        ("Smith son", ["Smith son"]),
        ("Smithsonian museum", []),
        ("Mr. Smithson", ["Smithson"]),
    ],
)
def test_names_are_found_in_any_order_case_and_format(text: str, expected: list[str]) -> None:
    assert find_texts([NAME], text) == expected


@pytest.mark.parametrize(
    "text", ["mueller luedenscheidt", "MÜLLER", "Muller", "Mu\u0308ller-Lu\u0308denscheidt", "Zoe"]
)
def test_all_spellings_of_umlauts_and_diacritics_are_found(text: str) -> None:
    assert find_texts([KnownValue("NAME", "Müller-Lüdenscheidt^Zoë")], text) == [text]


def test_a_span_includes_combining_marks() -> None:
    assert find_texts([KnownValue("NAME", "Müller^Zoë")], "Zoe\u0308!") == ["Zoe\u0308"]


def test_names_of_two_letters_are_found_as_a_pair() -> None:
    assert find_texts([KnownValue("NAME", "Li^Na")], "LI^NA") == ["LI^NA"]


def test_names_of_two_letters_are_not_found_inside_words() -> None:
    assert find_texts([KnownValue("NAME", "Li^Na")], "liver and lime") == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "患者 山田太郎 様", "山田太郎"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "山田 太郎", "山田 太郎"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "홍길동님", "홍길동"),
    ],
)
def test_names_are_found_in_scripts_without_spaces(name: str, text: str, expected: str) -> None:
    assert find_texts([KnownValue("NAME", name)], text) == [expected]


def test_single_letters_are_not_found_in_text() -> None:
    assert find_texts([KnownValue("NAME", "B^A")], "a 1 of 2 images, vitamin B") == []


def test_login_names_in_name_elements_are_found() -> None:
    known = [KnownValue("NAME", "Reader7^Ivo"), KnownValue("NAME", "User2")]
    text = "segmentation - User2, trial 2, reader7; user20 and user 2"
    assert find_texts(known, text) == ["User2", "reader7"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HOLLINGS", ["HOLLINGS"]),  # a file ID
        ("DR_HOLLINGSWOR", ["HOLLINGSWOR"]),  # a value of SH, truncated
        ("AE HOLLINGSWORTH", ["HOLLINGSWORTH"]),
        ("HOLLING", []),
        ("HOLLINGSHEAD", []),
        ("PERFUSIO", []),
    ],
)
def test_truncated_long_names_are_found(text: str, expected: list[str]) -> None:
    names = [KnownValue("NAME", name) for name in ("HOLLINGSWORTH^ABE", "PERFUSION^CT")]
    assert find_texts(names, text) == expected


@pytest.mark.parametrize(
    "text", ["rOsSi PELVIS", "sMiTh PELVIS", "PTV Ng", "Ng skin A1", "mcdonald AX"]
)
def test_names_with_unusual_capitals_are_found_in_descriptions(text: str) -> None:
    values = [KnownValue("NAME", name) for name in ("ROSSI^G", "SMITH^A", "NG^SIEW", "McDonald^A")]
    assert len(KnownPHI(values).find(text)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ptHollingsworth", ["ptHollingsworth"]),
        ("HOLLINGSWORTHABE", ["HOLLINGSWORTHABE"]),
        ("HOLLINGSWORTHERI", ["HOLLINGSWORTHERI"]),  # joined and truncated
        ("XHOLLINGSWORTH2", ["XHOLLINGSWORTH"]),
        ("HOLLINGWORTH", []),
        ("PERFUSIONS", []),
    ],
)
def test_long_names_are_found_inside_tokens_that_are_no_words(
    text: str, expected: list[str]
) -> None:
    names = [KnownValue("NAME", name) for name in ("HOLLINGSWORTH^ABE", "PERFUSION^CT")]
    assert find_texts(names, text) == expected
