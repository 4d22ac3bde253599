"""Every span is replaced by the action of the policy, or masked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pseudonyms import Pseudonyms
from safelight.records import Span
from safelight.rules.policies import EntityAction, TextPolicy
from safelight.text.generalization import oldest_birth_year
from safelight.text.lexicon.folding import fold_text
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.replacement import replace_spans
from safelight.text.span_merging import merge_spans

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests", (-100, -100))
PATIENT = PSEUDONYMS.patient("12345")
ENTITIES = ("NAME", "DATE", "AGE", "ID", "LOCATION", "CONTACT", "PROFESSION")


def clean(text: str, span: tuple[int, int, str], action: EntityAction, fine: str = "") -> str:
    spans = [Span(*span, "ner", 0.9, fine)]
    policy = TextPolicy({span[2]: action})
    return replace_spans(text, spans, policy, PSEUDONYMS, PATIENT).text


def everything(action: EntityAction) -> TextPolicy:
    return TextPolicy(dict.fromkeys(ENTITIES, action))


@pytest.mark.parametrize(
    ("original", "entity", "action", "fine", "expected"),
    [
        ("John", "NAME", "mask", "", "[NAME]"),
        ("John", "NAME", "mask_same_length", "", "****"),
        ("John", "NAME", "mask_fixed_length", "", "********"),
        ("John", "NAME", "remove", "", ""),
        ("John", "NAME", "keep", "", "John"),
        ("03/14/2020", "DATE", "shift", "", "12/05/2019"),
        ("soonish", "DATE", "shift", "", "[DATE]"),
        ("John", "NAME", "shift", "", "[NAME]"),
        ("March 3, 2020", "DATE", "generalise", "", "2020"),
        ("March", "DATE", "generalise", "", "[DATE]"),
        ("93-year-old", "AGE", "generalise", "", "90+-year-old"),
        ("45", "AGE", "generalise", "", "40-49"),
        ("3 months", "AGE", "generalise", "", "[AGE]"),
        ("62701-1234", "LOCATION", "generalise", "ZIP", "627**"),
        ("82190", "LOCATION", "generalise", "ZIP", "000**"),
        ("Springfield", "LOCATION", "generalise", "CITY", "[LOCATION]"),
        ("12345", "ID", "token", "", PATIENT.pseudonym),
        ("00-12345", "ID", "surrogate", "", PATIENT.pseudonym),
        ("03/14/1980", "DATE", "shift", "DOB", "1979"),
        ("Jan. 4, 1910", "DATE", "shift", "birth_date", str(oldest_birth_year())),
        ("soonish", "DATE", "shift", "DOB", "[DATE]"),
    ],
)
def test_a_span_is_replaced_by_its_action(
    original: str, entity: str, action: EntityAction, fine: str, expected: str
) -> None:
    text = f"a {original} z"
    assert clean(text, (2, 2 + len(original), entity), action, fine) == f"a {expected} z"


def test_an_entity_without_an_action_is_masked() -> None:
    cleaned = replace_spans(
        "John", [Span(0, 4, "NAME", "ner")], TextPolicy({}), PSEUDONYMS, PATIENT
    )
    assert cleaned.text == "[NAME]"


def test_the_action_of_the_subtype_has_priority() -> None:
    policy = TextPolicy({"LOCATION": "mask", "ZIP": "generalise"})
    spans = [Span(0, 5, "LOCATION", "ner", 1.0, "ZIP")]
    assert replace_spans("62701", spans, policy, PSEUDONYMS, PATIENT).text == "627**"


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 30), st.sampled_from(ENTITIES)), max_size=8
)
ACTIONS: list[EntityAction] = [
    "mask", "mask_same_length", "mask_fixed_length", "surrogate", "shift", "generalise", "token",
    "remove",
]  # fmt: skip


def test_a_birth_date_is_shifted_if_the_policy_names_it() -> None:
    spans = [Span(0, 10, "DATE", "key", 1.0, "DOB")]
    policy = TextPolicy({"DATE": "shift", "DOB": "shift"})
    assert replace_spans("03/14/1980", spans, policy, PSEUDONYMS, PATIENT).text == "12/05/1979"


@given(st.text(max_size=60), SPANS, st.sampled_from(ACTIONS))
def test_offsets_are_those_of_the_replacements(
    text: str, given_spans: list[tuple[int, int, str]], action: EntityAction
) -> None:
    spans = [Span(b, b + n, entity, "ner") for b, n, entity in given_spans]
    cleaned = replace_spans(text, spans, everything(action), PSEUDONYMS, PATIENT)
    merged = merge_spans(spans, text)
    assert len(cleaned.applied) == len(merged)
    # the text between the replacements is unchanged
    position, old = 0, 0
    for done, span in zip(cleaned.applied, merged, strict=True):
        assert cleaned.text[position : done.begin] == text[old : span.begin]
        position, old = done.end, span.end
    assert cleaned.text[position:] == text[old:]


NOTES = st.lists(
    st.sampled_from(
        ["MRN: 1234567", "seen by Dr. Miller", "DOB 01/02/1980", "(555) 234-5678", "93 yo man",
         "at Mercy General Hospital", "mail a@b.org", "no acute disease", "Patient: DOE, JANE"]
    ),
    max_size=8,
)  # fmt: skip


@given(NOTES, st.sampled_from(["mask", "mask_same_length", "mask_fixed_length", "remove"]))
def test_masking_is_idempotent(parts: list[str], action: EntityAction) -> None:
    def once(text: str) -> str:
        policy = everything(action)
        return replace_spans(text, find_patterns(text), policy, PSEUDONYMS, PATIENT).text

    cleaned = once("\n".join(parts))
    assert once(cleaned) == cleaned


def test_the_order_of_a_date_is_read_from_the_other_dates() -> None:
    text = "born 14/6/2013, seen 03/04/2020"
    begin = text.index("03")
    spans = [Span(begin, len(text), "DATE", "regex")]
    shifted = replace_spans(text, spans, TextPolicy({"DATE": "shift"}), PSEUDONYMS, PATIENT).text
    assert shifted.endswith("25/12/2019")


@pytest.mark.parametrize("action", ["shift", "surrogate"])
@pytest.mark.parametrize("days", [-3, -363, -368, -371])
@pytest.mark.parametrize("text", ["Jan 2022", "in August", "9/20", "May 3rd", "3/14/2020"])
def test_a_shifted_date_always_differs_from_the_original(
    text: str, days: int, action: EntityAction
) -> None:
    pseudonyms = Pseudonyms(bytes(range(32)), "tests", (days, days))
    spans = [Span(0, len(text), "DATE", "ner", 0.9)]
    patient = pseudonyms.patient("12345")
    new = replace_spans(text, spans, TextPolicy({"DATE": action}), pseudonyms, patient).text
    assert new != text


def test_a_megabyte_takes_seconds() -> None:
    line = "Seen by Dr. Miller on 3/14/2020 with a 5.2 cm mass and no pain at all today. "
    text = (line * 14_000)[:1_000_000]
    started = time.process_time()
    cleaned = replace_spans(text, find_patterns(text), TextPolicy(), PSEUDONYMS, PATIENT)
    assert time.process_time() - started < 60  # seconds of CPU; a quadratic merge takes an hour
    assert "Miller" not in cleaned.text and "2020" not in cleaned.text


def test_a_text_without_spans_is_unchanged() -> None:
    assert replace_spans("x", [], TextPolicy(), PSEUDONYMS, PATIENT).text == "x"


TEXTS = st.text(min_size=1, max_size=30).filter(lambda text: any(map(str.isalnum, text)))


@given(TEXTS, st.sampled_from(["NAME", "ID", "CONTACT", "LOCATION", "PROFESSION"]))
def test_a_surrogate_never_holds_the_original(text: str, entity: str) -> None:
    policy = TextPolicy({entity: "surrogate"})
    cleaned = replace_spans(text, [Span(0, len(text), entity, "ner")], policy, PSEUDONYMS, PATIENT)
    [applied] = cleaned.applied
    if applied.action == "surrogate":
        surrogate = cleaned.text[applied.begin : applied.end]
        assert fold_text(text.strip()) not in fold_text(surrogate)


def clean_patterns(text: str, **entities: EntityAction) -> str:
    policy = TextPolicy({"AGE": "generalise", "DATE": "shift"} | entities)
    return replace_spans(text, find_patterns(text), policy, PSEUDONYMS, PATIENT).text


def test_ages_under_90_are_kept_by_default() -> None:
    assert clean_patterns("45 year old, Saturday 3/14/2020") == "45 year old, Thursday 12/5/2019"


@pytest.mark.parametrize(("action", "weekday"), [("shift", "Saturday"), ("mask", "Monday")])
def test_weekdays_are_shifted_only_with_dates(action: EntityAction, weekday: str) -> None:
    assert clean_patterns("seen on Monday", DATE=action) == f"seen on {weekday}"


@pytest.mark.parametrize(("age", "band"), [("45", "40-49"), ("95", "90+")])
def test_ages_become_bands_if_the_policy_names_them(age: str, band: str) -> None:
    text = f"a {age}-year-old man"
    assert clean_patterns(text, UNDER_90="generalise") == f"a {band}-year-old man"


def test_kept_spans_have_no_record() -> None:
    text = "a 45-year-old man"
    policy = TextPolicy({"AGE": "generalise"})
    assert replace_spans(text, find_patterns(text), policy, PSEUDONYMS, PATIENT).applied == ()
