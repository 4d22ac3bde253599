"""Parts of a known name that are ordinary words need support."""

from __future__ import annotations

import pytest

from safelight.named_rules import count_decisions
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.known.name_support import is_caseless, is_name_rather_than_term
from tests.text.known.finding import find_texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Long axis view", []),
        ("LONG AXIS", []),
        ("he will go", []),
        ("Mr. Long", ["Long"]),
        ("LONG^WILL", ["LONG^WILL"]),
        ("seen by Will Long", ["Will Long"]),
        ("The patient Long was seen", ["Long"]),
        ("LONG", []),
        ("Will Long", ["Will Long"]),
    ],
)
def test_names_that_are_words_need_support(text: str, expected: list[str]) -> None:
    assert find_texts([KnownValue("NAME", "Long^Will")], text) == expected


@pytest.mark.parametrize(
    ("name", "field"), [("CT1^MR1", "MR"), ("Head^Ann", "HEAD"), ("Test^Perfusion", "PERFUSION")]
)
def test_coded_fields_are_not_names(name: str, field: str) -> None:
    assert find_texts([KnownValue("NAME", name)], field) == []


def test_a_label_before_a_word_is_support() -> None:
    assert find_texts([KnownValue("NAME", "Rose^Ann")], "Name: rose") == ["rose"]


@pytest.mark.parametrize(
    "text", ["MRI Young knee", "BRAIN_YOUNG", "Young VMAT", "YOUNG", "ax t2 young", "King CT"]
)
def test_surnames_that_are_not_imaging_terms_are_found_in_descriptions(text: str) -> None:
    known = KnownPHI([KnownValue("NAME", "YOUNG^A"), KnownValue("NAME", "KING^LEAR")])
    [span] = known.find(text)
    assert text[span.begin : span.end].lower() in ("young", "king")


@pytest.mark.parametrize("text", ["PTV Head", "HEAD LONG AXIS", "Fast T2 Head", "head wo"])
def test_surnames_that_are_imaging_terms_are_kept_in_descriptions(text: str) -> None:
    assert not KnownPHI([KnownValue("NAME", "HEAD^A")]).find(text)


@pytest.mark.parametrize(("token", "expected"), [("young", True), ("head", False), ("xyz", False)])
def test_surnames_are_distinguished_from_imaging_terms(token: str, expected: bool) -> None:
    assert is_name_rather_than_term(token) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CT CHEST", True),
        ("ct chest", True),
        ("Ct Chest View", True),
        ("The chest is clear", False),
    ],
)
def test_case_is_no_evidence_if_all_words_share_it(text: str, expected: bool) -> None:
    assert is_caseless(text) is expected


#: Makes a text longer than a description.
LONG_TEXT = "who came to the clinic with a cough and a fever on that day in winter"


@pytest.mark.parametrize(
    ("rule", "name", "text", "expected"),
    [
        ("only_initials", "Long^B", "vitamin B. and", []),
        ("several_words", "Li^Na", "seen with li na today", ["li na"]),
        ("caret", "Long^Will", "x LONG^ y", ["LONG"]),
        ("initial_with_punctuation", "Long^Will", "seen by W. Long again", ["W. Long"]),
        ("surname_in_description", "Young^A", "MRI Young knee", ["Young"]),
        ("rare_word_in_description", "Stokes^A", "knee left PD stokes", ["stokes"]),
        ("two_letters_in_description", "Ng^Siew", "PTV Ng", ["Ng"]),
        ("whole_text", "Long^Will", "LONG", []),
        ("title_before", "Long^Will", "Mr. Long", ["Long"]),
        ("caseless_text", "Long^Will", "LONG AXIS", []),
        ("lower_case", "Long^Will", "The axis is long in this view of the chest", []),
        ("word_part", "Walnut^A", "It was Walnut who came to the clinic", ["Walnut"]),
        ("sentence_start", "Long^Will", "Will be seen. Long axis of the heart is shown", []),
        ("default", "Long^Will", f"It was Long {LONG_TEXT}", ["Long"]),
    ],
)
def test_each_rule_decides(rule: str, name: str, text: str, expected: list[str]) -> None:
    with count_decisions() as counts:
        assert find_texts([KnownValue("NAME", name)], text) == expected
    assert counts["text.known_name_support", rule] > 0
