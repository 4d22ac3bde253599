from __future__ import annotations

from collections.abc import Sequence

from safelight.records import Span
from safelight.text.recognizers.patterns import find_patterns
from tools.evaluate_text_model.field_classifier import Field, classify_fields

SERIES_DESCRIPTION, PATIENT_NAME, MANUFACTURER, KVP = 0x0008103E, 0x00100010, 0x00080070, 0x00180060


def rules(texts: Sequence[str]) -> list[list[Span]]:
    return [find_patterns(text) for text in texts]


def forbidden(texts: Sequence[str]) -> list[list[Span]]:
    raise AssertionError("structured values and listed attributes are not for the model to read")


def test_what_the_table_protects_is_phi_whatever_it_holds() -> None:
    [found] = classify_fields([Field(PATIENT_NAME, "PN", "CHEST")], forbidden)
    assert (found.phi, found.entity, found.source) == (True, "NAME", "table")


def test_structured_values_are_not_read() -> None:
    fields = [
        Field(KVP, "DS", "120"),
        Field(0x00080060, "CS", "MR"),
        Field(0x00290010, "IS", "7"),
    ]
    assert not any(found.phi for found in classify_fields(fields, forbidden))


def test_free_text_is_read_once_for_each_distinct_value() -> None:
    seen: list[str] = []

    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        seen.extend(texts)
        return rules(texts)

    fields = [Field(SERIES_DESCRIPTION, "LO", "Dr. Okonkwo")] * 3
    assert all(found.phi and found.entity == "NAME" for found in classify_fields(fields, annotate))
    assert seen == ["Dr. Okonkwo"]


def test_a_shy_guess_does_not_overrule_set_terms() -> None:
    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        return [[Span(0, 7, "NAME", "ner", 0.5)] for _ in texts]

    set_terms, free = classify_fields(
        [
            Field(MANUFACTURER, "LO", "Okonkwo"),
            Field(SERIES_DESCRIPTION, "LO", "Okonkwo"),
        ],
        annotate,
    )
    assert not set_terms.phi and free.phi


def test_a_maker_with_a_surname_is_no_person_where_set_terms_stand() -> None:
    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        return [[Span(0, 6, "NAME", "ner", 0.99)] for _ in texts]

    values = ("ABBOTT", "Zimmer Biomet, Inc.", "Okonkw")
    found = classify_fields([Field(MANUFACTURER, "LO", value) for value in values], annotate)
    assert [one.phi for one in found] == [False, False, True]


def test_dates_and_old_ages_of_unlisted_attributes_are_phi() -> None:
    fields = [
        Field(0x00291001, "DA", "20190312", "ACME"),
        Field(0x00291002, "AS", "093Y", "ACME"),
        Field(0x00291003, "AS", "045Y", "ACME"),
    ]
    assert [found.phi for found in classify_fields(fields, forbidden)] == [True, True, False]


def test_an_age_under_90_is_no_phi() -> None:
    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        return [[Span(0, 3, "AGE", "regex", 1.0, "UNDER_90")] for _ in texts]

    [found] = classify_fields([Field(SERIES_DESCRIPTION, "LO", "45Y CHEST")], annotate)
    assert not found.phi
