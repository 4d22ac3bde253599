"""Surrogate names are consistent, keep the format and hold no part of the original."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safelight.pseudonyms import Pseudonyms
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import read_list, word_set
from safelight.text.lexicon.words import given_names
from safelight.text.surrogates.names import surrogate_name

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests")
PATIENT = PSEUDONYMS.patient("12345")


def new(name: str) -> str:
    return surrogate_name(name, PSEUDONYMS, PATIENT)


def test_all_formats_of_a_name_agree() -> None:
    family, given_name = new("SMITH^JOHN").title().split("^")
    assert new("John Smith") == f"{given_name} {family}"
    assert new("Mr. Smith") == f"Mr. {family}"
    assert new("J. Smith") == f"{given_name[0]}. {family}"
    initial = new("SMITH, JOHN A")[-1]
    assert new("SMITH, JOHN A") == f"{family.upper()}, {given_name.upper()} {initial}"
    assert new("Smith^John^A^^Jr") == f"{family}^{given_name}^{initial}^^Jr"
    assert new("MUELLER") == new("Müller").upper() == new("MULLER")


@given(
    st.sampled_from([name.title() for name in given_names()]),
    st.sampled_from([name.title() for name in read_list("surrogate_surnames.txt")]),
    st.sampled_from(["", "A", "Ruth"]),
    st.sampled_from(["F", "M"]),
)
def test_all_formats_of_any_name_agree(first: str, last: str, middle: str, gender: str) -> None:
    def new(name: str) -> list[str]:
        surrogate = surrogate_name(name, PSEUDONYMS, PATIENT, gender)
        return re.findall(r"[^\W\d_]+", fold_text(surrogate))

    assume(first != middle)
    family, given_name, *rest = new(f"{last}^{first}^{middle}".upper())
    assert new(f"{first} {last}") == [given_name, family]
    assert new(f"{last}, {first} {middle}") == [family, given_name, *rest]
    assert new(f"Mr. {last}") == ["mr", family]
    assert new(f"{first[0]}. {last}") == [given_name[0], family]
    assert new(f"{last} {first[0]}") == [family, given_name[0]]
    assert new(first) == [given_name] and new(last.lower()) == [family]
    sex = given_names()[first.lower()]
    assert given_names().get(given_name, "U") in (gender if sex == "U" else sex, "U")


def test_surrogates_depend_on_patient_and_namespace() -> None:
    others = {surrogate_name("Smith", PSEUDONYMS, PSEUDONYMS.patient(str(i))) for i in range(40)}
    assert len(others) > 20
    spaces = {
        surrogate_name("Smith", Pseudonyms(bytes(range(32, 64)), str(i)), PATIENT)
        for i in range(40)
    }
    assert len(spaces) > 20


@pytest.mark.parametrize(("name", "sex"), [("Mary", "F"), ("Patricia", "F"), ("Robert", "M")])
def test_the_gender_of_a_given_name_is_kept(name: str, sex: str) -> None:
    for i in range(20):
        surrogate = surrogate_name(name, PSEUDONYMS, PSEUDONYMS.patient(str(i)))
        assert given_names()[surrogate.lower()] == sex


NAME_PARTS = st.one_of(
    st.sampled_from([name.title() for name in read_list("surrogate_surnames.txt")]),
    st.sampled_from([name.title() for name in given_names()]),
    st.text(st.characters(categories=("Lu", "Ll", "Lo")), min_size=2, max_size=12),
)
FORMS = st.sampled_from(["{0} {1}", "{1}^{0}", "{1}, {0}", "{0}-{1}", "Dr. {1}", "{1}"])


@given(NAME_PARTS, NAME_PARTS, FORMS)
def test_a_surrogate_name_holds_no_part_of_the_original(first: str, last: str, form: str) -> None:
    original = form.format(first, last)
    surrogate = fold_text(new(original))
    titles = {"mr", "mrs", "ms", "miss", "dr"}
    for part in (first, last):
        folded = fold_text(part)
        if part in original and len(folded) > 1 and folded not in titles and part.isalpha():
            assume(not re.search(rf"\b{re.escape(part)}\b", "Dr."))
            assume(
                folded.strip() and new(part) != part and folded not in word_set("name_particles")
            )
            assert folded not in surrogate
