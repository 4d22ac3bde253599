from __future__ import annotations

from safelight.text.recognizers.eponyms.descriptions import is_eponym_in_description


def test_eponym_in_a_description_has_imaging_terms_around_it() -> None:
    assert is_eponym_in_description("SINUS WATERS", 6, 12)
    assert not is_eponym_in_description("KOWALCZYK WATERS", 10, 16)


def test_long_text_is_not_a_description() -> None:
    text = "WATERS" + " SINUS" * 12
    assert not is_eponym_in_description(text, 0, 6)
