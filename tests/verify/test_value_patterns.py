"""Patterns of original values."""

from __future__ import annotations

import pytest

from safelight.verify.original_values import OriginalValue
from safelight.verify.value_patterns import ValuePattern, compile_pattern, normalize_text


def test_separators_of_names_are_spaces() -> None:
    assert normalize_text("DOE^Jane=x_y\0") == "doe jane x y"


@pytest.mark.parametrize(
    "text", ["Zyx\u200bquan\u00addary", "\uff3a\uff59\uff58quandary", "\ufeffZyxquandary"]
)
def test_a_name_in_other_characters_is_found(text: str) -> None:
    assert list(ValuePattern([NAME]).find(f"CHEST {text} AP")) == [NAME]


def test_an_accent_of_its_own_is_part_of_its_letter() -> None:
    assert normalize_text("Mu\u0308ller") == normalize_text("M\u00fcller")


@pytest.mark.parametrize(
    ("kind", "text", "searched", "is_match"),
    [
        ("name", "doe", "jane doe.", True),
        ("name", "doe", "doe2", True),
        ("name", "doe", "does", False),
        ("id", "a123", "no a123,", True),
        ("id", "a123", "a1234", False),
        ("uid", "1.2.3.4", "uid 1.2.3.4", True),
        ("uid", "1.2.3.4", "1.2.3.4.5", False),
        ("uid", "1.2.3.4", "file 1-2-3-4 or 1_2_3_4", True),
    ],
)
def test_a_match_is_not_part_of_a_word(kind: str, text: str, searched: str, is_match: bool) -> None:
    pattern = compile_pattern([OriginalValue(kind, text, "")])
    assert bool(pattern.search(searched)) is is_match


def test_a_pattern_without_values_matches_nothing() -> None:
    assert compile_pattern([]).search("anything") is None


NAME = OriginalValue("name", "zyxquandary", "(0010,0010)")
RECORD = OriginalValue("id", "zq77310942", "(0010,0020)")


@pytest.mark.parametrize(
    "text",
    ["MRN ZQ 7731-0942", "ZQ7731 0942", "ZQ-77310942.", "zq_7731_0942", "ZQ.7731.0942"],
)
def test_an_identifier_with_other_separators_is_found(text: str) -> None:
    assert list(ValuePattern([RECORD], with_variants=True).find(text)) == [RECORD]


@pytest.mark.parametrize(
    "text", ["ZQ 77310943", "z q 7 7 3 1 0 9 4 2", "XZQ 7731-0942", "ZQ 7731-09421", "7731-0942"]
)
def test_other_numbers_are_not_the_identifier(text: str) -> None:
    assert list(ValuePattern([RECORD], with_variants=True).find(text)) == []


@pytest.mark.parametrize(
    "text",
    ["Zyxquandery", "Zyxqandary", "Zyxqquandary", "Zyxquadnary", "YRADNAUQXYZ", "zyxquandary"],
)
def test_misspelt_and_reversed_names_are_found(text: str) -> None:
    assert list(ValuePattern([NAME], with_variants=True).find(f"CHEST {text} AP")) == [NAME]


@pytest.mark.parametrize("text", ["Zyxquondery", "Zyxquanda", "quandary"])
def test_words_that_differ_more_are_not_the_name(text: str) -> None:
    assert list(ValuePattern([NAME], with_variants=True).find(text)) == []


def test_words_of_the_dictionary_are_no_misspelt_names() -> None:
    name = OriginalValue("name", "sagittel", "(0010,0010)")
    assert list(ValuePattern([name], with_variants=True).find("SAGITTAL")) == []


@pytest.mark.parametrize(
    "text", ["Z y x q u a n d a r y", "Zyx-quandary", "Zyxquan- dary", "zyxquan-dary_2"]
)
def test_names_with_spaces_or_hyphens_between_letters_are_found(text: str) -> None:
    assert NAME in list(ValuePattern([NAME], with_variants=True).find(f"CHEST {text} AP"))


DIGITS = OriginalValue("digits", "7731094", "(0010,0020)")


@pytest.mark.parametrize("text", ["no 7731094", "X7731094", "0007731094", "MRN7731094B"])
def test_the_number_of_an_identifier_is_found_with_another_prefix(text: str) -> None:
    assert list(ValuePattern([DIGITS]).find(text)) == [DIGITS]


@pytest.mark.parametrize("text", ["17731094", "77310945", "1.7731094", "7731094.5"])
def test_longer_numbers_are_not_the_number(text: str) -> None:
    assert list(ValuePattern([DIGITS]).find(text)) == []


@pytest.mark.parametrize("text", ["Zyxqu4ndary", "ZYXQU@NDARY_7", "seen Zyxqu4nd4ry."])
def test_letters_written_as_digits_are_read(text: str) -> None:
    assert NAME in list(ValuePattern([NAME], with_variants=True).find(text))


@pytest.mark.parametrize("text", ["T1w3D2yx", "1234567890", "zyxqu4n", "a1b2c3d4", "2yxqu4nd4ry"])
def test_other_words_with_digits_are_not_the_name(text: str) -> None:
    assert list(ValuePattern([NAME], with_variants=True).find(text)) == []


INITIALS = OriginalValue("initials", "oq", "(0010,0010)")


@pytest.mark.parametrize(
    "text", ["pt O.Q. seen", "O. Q.", "(O.Q)", "pt OQ", "Patient: OQ, left", "initials OQ"]
)
def test_initials_are_found(text: str) -> None:
    assert list(ValuePattern([INITIALS], with_variants=True).find(text)) == [INITIALS]


@pytest.mark.parametrize("text", ["OQ", "o.q.", "O.Q.R.", "pt oq", "AO.Q.", "patient OQR", "O.Qx"])
def test_other_letters_are_not_the_initials(text: str) -> None:
    assert list(ValuePattern([INITIALS], with_variants=True).find(text)) == []


CHART = OriginalValue("id", "mr-4471902", "")
CHART_NUMBER = OriginalValue("digits", "4471902", "")


@pytest.mark.parametrize(
    "text", ["2091744-RM", "2091744RM", "2091744 rm", "no 2091744", "443c5e", "0x443C5E"]
)
def test_a_reversed_or_hexadecimal_identifier_is_found(text: str) -> None:
    assert set(ValuePattern([CHART, CHART_NUMBER], with_variants=True).find(f"a {text}."))


@pytest.mark.parametrize("text", ["12091744", "2091745", "a443c5e", "443c5f", "2091744.3"])
def test_other_digits_are_not_a_reversed_or_hexadecimal_identifier(text: str) -> None:
    assert not list(ValuePattern([CHART, CHART_NUMBER], with_variants=True).find(f"a {text}."))


@pytest.mark.parametrize("text", ["0000001", "1221221", "700700"])
def test_a_reversed_identifier_is_not_a_round_number(text: str) -> None:
    pattern = ValuePattern([OriginalValue("id", text, "")], with_variants=True)
    assert not list(pattern.find(f"size {text[::-1]} mm")) or text == text[::-1]
