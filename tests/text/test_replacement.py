"""Every span gets what the policy says, or a mask; offsets point into the new text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pseudonyms import Pseudonyms
from safelight.records import Span
from safelight.rules.policies import EntityAction, TextPolicy
from safelight.text.dates.order import reads_day_first
from safelight.text.generalization import oldest_birth_year
from safelight.text.lexicon.word_lists import word_set
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
def test_actions(
    original: str, entity: str, action: EntityAction, fine: str, expected: str
) -> None:
    text = f"a {original} z"
    assert clean(text, (2, 2 + len(original), entity), action, fine) == f"a {expected} z"


def test_an_entity_that_the_policy_does_not_name_is_masked() -> None:
    cleaned = replace_spans(
        "John", [Span(0, 4, "NAME", "ner")], TextPolicy({}), PSEUDONYMS, PATIENT
    )
    assert cleaned.text == "[NAME]"


def test_the_fine_label_wins() -> None:
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


def test_a_birth_date_moves_where_the_policy_names_it() -> None:
    spans = [Span(0, 10, "DATE", "key", 1.0, "DOB")]
    policy = TextPolicy({"DATE": "shift", "DOB": "shift"})
    assert replace_spans("03/14/1980", spans, policy, PSEUDONYMS, PATIENT).text == "12/05/1979"


@pytest.mark.parametrize(
    ("entity", "fine", "kept"),
    [("NAME", "CLINICIAN", "CLINICIAN"), ("DATE", "DOB", "DOB"), ("DATE", "WEEKDAY", ""),
     ("LOCATION", "CITY", "")],
)  # fmt: skip
def test_merging_keeps_whose_name_or_birth_it_is(entity: str, fine: str, kept: str) -> None:
    short, long = Span(3, 7, entity, "key", 1.0, fine), Span(0, 12, entity, "ner", 0.9)
    assert merge_spans([short, long]) == [Span(0, 12, entity, "ner", 1.0, kept)]


@given(st.text(max_size=60), SPANS, st.sampled_from(ACTIONS))
def test_offsets_point_at_the_replacements_in_any_unicode(
    text: str, given_spans: list[tuple[int, int, str]], action: EntityAction
) -> None:
    spans = [Span(b, b + n, entity, "ner") for b, n, entity in given_spans]
    cleaned = replace_spans(text, spans, everything(action), PSEUDONYMS, PATIENT)
    merged = merge_spans(spans, text)
    assert len(cleaned.applied) == len(merged)
    # between the replacements stands the original, untouched
    position, old = 0, 0
    for done, span in zip(cleaned.applied, merged, strict=True):
        assert cleaned.text[position : done.begin] == text[old : span.begin]
        position, old = done.end, span.end
    assert cleaned.text[position:] == text[old:]


@given(st.text(max_size=60), SPANS)
def test_merging_covers_every_letter_and_digit_once(
    text: str, given_spans: list[tuple[int, int, str]]
) -> None:
    spans = [Span(b, b + n, entity, "ner") for b, n, entity in given_spans]
    merged = merge_spans(spans, text)
    hidden = [i for span in merged for i in range(span.begin, span.end)]
    wanted = {i for s in spans for i in range(s.begin, min(s.end, len(text))) if text[i].isalnum()}
    assert wanted <= set(hidden)
    assert len(hidden) == len(set(hidden))
    assert merge_spans(merged, text) == merged


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


def test_a_megabyte_and_a_character() -> None:
    line = "Seen by Dr. Miller on 3/14/2020 with a 5.2 cm mass and no pain at all today. "
    text = (line * 14_000)[:1_000_000]
    started = time.perf_counter()
    cleaned = replace_spans(text, find_patterns(text), TextPolicy(), PSEUDONYMS, PATIENT)
    assert time.perf_counter() - started < 60  # seconds; a quadratic merge takes an hour
    assert "Miller" not in cleaned.text and "2020" not in cleaned.text
    assert replace_spans("x", [], TextPolicy(), PSEUDONYMS, PATIENT).text == "x"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("born 14/6/2013, seen 03/04/2020", True),
        ("seen 03/04/2020 and 3/25/20", False),
        ("14/6/2013 and 6/14/2013", None),
        ("seen 03/04/2020", None),
        ("Echographie du 12/10/2021, adressée par la clinique, avec le docteur", True),
        ("BP 140/90, ratio 1/2/3", None),
    ],
)
def test_a_text_tells_how_it_writes_its_dates(text: str, order: bool | None) -> None:
    assert reads_day_first(text) is order


def test_a_date_moves_as_the_text_beside_it_reads() -> None:
    text = "born 14/6/2013, seen 03/04/2020"
    begin = text.index("03")
    spans = [Span(begin, len(text), "DATE", "regex")]
    shifted = replace_spans(text, spans, TextPolicy({"DATE": "shift"}), PSEUDONYMS, PATIENT).text
    assert shifted.endswith("25/12/2019")


def test_a_time_without_colon_stays_behind_its_date() -> None:
    assert clean("11/02/2021 0347", (0, 15, "DATE"), "shift") == "07/25/2021 0347"


def test_the_surrogate_of_a_state_is_a_state() -> None:
    for text, use in (("Opelika, Alabama", "name"), ("Opelika, AL", "code")):
        new = clean(text, (0, len(text), "LOCATION"), "surrogate")
        town, _, state = new.partition(", ")
        assert (
            state in word_set(f"us_states.surrogate_{use}")
            and state not in text
            and town != "Opelika"
        )


@pytest.mark.parametrize("action", ["shift", "surrogate"])
@pytest.mark.parametrize("days", [-3, -364, -365, -371])
@pytest.mark.parametrize("text", ["Jan 2022", "in August", "9/20", "May 3rd", "3/14/2020"])
def test_a_shifted_date_never_reads_as_before(text: str, days: int, action: EntityAction) -> None:
    pseudonyms = Pseudonyms(bytes(range(32)), "tests", (days, days))
    spans = [Span(0, len(text), "DATE", "ner", 0.9)]
    patient = pseudonyms.patient("12345")
    new = replace_spans(text, spans, TextPolicy({"DATE": action}), pseudonyms, patient).text
    assert new != text
