from __future__ import annotations

import pytest

from safelight.text.dates.calendar_names import calendar_names


@pytest.mark.parametrize("language", ["en", "es", "de", "fr"])
def test_every_language_has_all_names(language: str) -> None:
    forms = calendar_names().forms
    assert len(forms["months"][language]) == 12
    assert len(forms["weekdays"][language]) == 7


def test_a_name_lists_all_languages_that_have_it() -> None:
    assert calendar_names().months["april"] == (("en", 3, 0), ("de", 3, 0))
