"""The matcher of known values: all kinds of values together, any text, any offsets."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.text.known.known_phi import KnownPHI, KnownValue

NAME = KnownValue("NAME", "SMITHSON^JOHN^ALAN", "PATIENT")
WRITTEN_NAMES = st.sampled_from(
    ["Smithson, John", "JOHN SMITHSON", "smithson^john", "J. Smithson", "Smithson"]
)


@pytest.mark.parametrize("value", ["ANONYMOUS", "UNKNOWN", "NA", "N/A", "^^^^", "0000", "", "xxx"])
def test_placeholders_are_ignored(value: str) -> None:
    for entity in ("NAME", "ID", "LOCATION"):
        assert not KnownPHI([KnownValue(entity, value)])


def test_spans_have_entity_and_subtype_of_their_value() -> None:
    [span] = KnownPHI([KnownValue("ID", "12345678", "MRN")]).find("no. 12345678")
    assert (span.entity, span.subtype, span.engine, span.confidence) == ("ID", "MRN", "known", 1.0)


@given(st.text(max_size=40), WRITTEN_NAMES, st.text(max_size=40))
def test_offsets_are_code_points_of_the_original(before: str, name: str, after: str) -> None:
    text = before + "\n" + name + "\n" + after
    spans = KnownPHI([NAME]).find(text)
    begin = len(before) + 1
    covered = [span for span in spans if span.begin <= begin and span.end >= begin + len(name)]
    assert covered, spans
    assert all(0 <= span.begin < span.end <= len(text) for span in spans)


@given(st.text(min_size=1, max_size=30), st.sampled_from(["NAME", "ID", "CONTACT", "LOCATION"]))
def test_any_value_is_accepted(value: str, entity: str) -> None:
    KnownPHI([KnownValue(entity, value), KnownValue("DATE", value)]).find(value + " x", fuzzy=True)


def test_a_megabyte_takes_seconds() -> None:
    text = "The patient was seen with Smithson on three days. " * 20_000
    known = KnownPHI([NAME, KnownValue("ID", "12345678"), KnownValue("DATE", "19800102")])
    started = time.process_time()
    assert len(known.find(text)) == 20_000
    assert time.process_time() - started < 20  # seconds of CPU; a quadratic search takes minutes


@pytest.mark.parametrize("text", ["", "x"])
def test_short_texts_are_accepted(text: str) -> None:
    assert KnownPHI([NAME]).find(text) == []


@pytest.mark.parametrize("given", ["Dave", "Rose", "Faith", "Mark", "Li", "Grace", "Axl", "Iris"])
@pytest.mark.parametrize("template", ["and {} test", "{} test", "a test {} test of all"])
@pytest.mark.parametrize("change", [str.lower, str.title, str.upper])
def test_known_names_in_notes_are_found_between_ordinary_words(
    given: str, template: str, change: Callable[[str], str]
) -> None:
    known = KnownPHI([KnownValue("NAME", f"Quandary^{given}", "PATIENT")])
    text = template.format(change(given))
    [span] = known.find(text, is_note=True)
    assert (text[span.begin : span.end], span.subtype) == (change(given), "PATIENT")


def test_a_word_far_commoner_than_the_name_is_a_finding_of_its_own() -> None:
    known = KnownPHI([KnownValue("NAME", "Quandary^Will", "PATIENT")])
    text = "She will come, and will stay."
    [span] = known.find(text, is_note=True)
    assert (text[span.begin : span.end], span.subtype) == ("will", "COMMON_WORD")
    assert known.find(text) == []


def test_a_name_of_any_length_costs_a_table_of_limited_size() -> None:
    known = KnownPHI([KnownValue("NAME", "ab" * 50_000, "patient")])
    assert len(known._names._truncated) <= 64
    assert known.find("ab" * 50_000)
