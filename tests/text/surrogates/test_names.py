"""Surrogates agree with each other, keep the form and give nothing of the original back."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safelight.pseudonyms import Pseudonyms
from safelight.records import Span
from safelight.rules.policies import TextPolicy
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import read_list, word_set
from safelight.text.lexicon.words import given_names
from safelight.text.replacement import replace_spans
from safelight.text.surrogates.derivation import surrogate_characters
from safelight.text.surrogates.identifiers import surrogate_id
from safelight.text.surrogates.names import surrogate_name
from safelight.text.surrogates.places import surrogate_place

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests")
PATIENT = PSEUDONYMS.patient("12345")


def new(name: str) -> str:
    return surrogate_name(name, PSEUDONYMS, PATIENT)


def test_every_way_to_write_a_person_agrees() -> None:
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
def test_all_forms_of_any_person_agree(first: str, last: str, middle: str, gender: str) -> None:
    def new(name: str) -> list[str]:
        made_up = surrogate_name(name, PSEUDONYMS, PATIENT, gender)
        return re.findall(r"[^\W\d_]+", fold_text(made_up))

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


def test_another_patient_and_another_namespace_get_other_names() -> None:
    others = {surrogate_name("Smith", PSEUDONYMS, PSEUDONYMS.patient(str(i))) for i in range(40)}
    assert len(others) > 20
    spaces = {surrogate_name("Smith", Pseudonyms(bytes(32), str(i)), PATIENT) for i in range(40)}
    assert len(spaces) > 20


@pytest.mark.parametrize(("name", "sex"), [("Mary", "F"), ("Patricia", "F"), ("Robert", "M")])
def test_gender_is_kept_where_it_is_known(name: str, sex: str) -> None:
    for i in range(20):
        made_up = surrogate_name(name, PSEUDONYMS, PSEUDONYMS.patient(str(i)))
        assert given_names()[made_up.lower()] == sex


NAME_PARTS = st.one_of(
    st.sampled_from([name.title() for name in read_list("surrogate_surnames.txt")]),
    st.sampled_from([name.title() for name in given_names()]),
    st.text(st.characters(categories=("Lu", "Ll", "Lo")), min_size=2, max_size=12),
)
FORMS = st.sampled_from(["{0} {1}", "{1}^{0}", "{1}, {0}", "{0}-{1}", "Dr. {1}", "{1}"])


@given(NAME_PARTS, NAME_PARTS, FORMS)
def test_a_surrogate_name_holds_no_part_of_the_original(first: str, last: str, form: str) -> None:
    original = form.format(first, last)
    made_up = fold_text(new(original))
    titles = {"mr", "mrs", "ms", "miss", "dr"}
    for part in (first, last):
        folded = fold_text(part)
        if part in original and len(folded) > 1 and folded not in titles and part.isalpha():
            assume(not re.search(rf"\b{re.escape(part)}\b", "Dr."))
            assume(
                folded.strip() and new(part) != part and folded not in word_set("name_particles")
            )
            assert folded not in made_up


@given(st.text("0123456789", min_size=4, max_size=14), st.integers(0, 4))
def test_an_identifier_keeps_its_form_and_loses_its_value(core: str, zeros: int) -> None:
    assume(core.strip("0") and len(core.lstrip("0")) > 1)
    original = "0" * zeros + core
    made_up = surrogate_characters(original, PSEUDONYMS, PATIENT)
    assert len(made_up) == len(original) and made_up.isdigit()
    assert made_up != original
    plain = surrogate_characters(core.lstrip("0"), PSEUDONYMS, PATIENT)
    assert made_up.lstrip("0") == plain


def test_identifiers_agree_across_separators_and_with_the_headers() -> None:
    joined = surrogate_id("AB-00123-7", PSEUDONYMS, PATIENT)
    assert re.fullmatch(r"[A-Z]{2}-\d{5}-\d", joined)
    assert surrogate_id("ab001237", PSEUDONYMS, PATIENT) == joined.replace("-", "").lower()
    assert surrogate_id("0012345", PSEUDONYMS, PATIENT) == PATIENT.pseudonym
    assert surrogate_id("1.2.3.4.5.6", PSEUDONYMS, PATIENT) == PSEUDONYMS.uid("1.2.3.4.5.6")


def test_places_keep_their_kind() -> None:
    hospital = surrogate_place("Mercy General Hospital", "HOSPITAL", PSEUDONYMS, PATIENT)
    assert hospital.endswith(" General Hospital") and "Mercy" not in hospital
    street = surrogate_place("123 Main St", "STREET", PSEUDONYMS, PATIENT)
    assert re.fullmatch(r"\d{3} \w+ St", street) and "Main" not in street and "123" not in street
    assert re.fullmatch("[A-Z]{2}", surrogate_place("IL", "STATE", PSEUDONYMS, PATIENT))
    assert surrogate_place("IL", "STATE", PSEUDONYMS, PATIENT) != "IL"


TEXTS = st.text(min_size=1, max_size=30).filter(lambda text: any(map(str.isalnum, text)))


@given(TEXTS, st.sampled_from(["NAME", "ID", "CONTACT", "LOCATION", "PROFESSION"]))
def test_what_stands_for_a_text_never_contains_it(text: str, entity: str) -> None:
    policy = TextPolicy({entity: "surrogate"})
    spans = [Span(0, len(text), entity, "ner")]
    cleaned = replace_spans(text, spans, policy, PSEUDONYMS, PATIENT)
    [done] = cleaned.applied
    if done.action == "surrogate":
        replaced = cleaned.text[done.begin : done.end]
        assert fold_text(text.strip()) not in fold_text(replaced)
