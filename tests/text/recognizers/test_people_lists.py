from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.recognizers.people_lists import find_people_in_lists


def further(text: str, *found: str) -> list[str]:
    """Return the further people of a text of which some were found."""
    spans = [Span(text.index(one), text.index(one) + len(one), "NAME", "ner") for one in found]
    return [text[span.begin : span.end] for span in find_people_in_lists(text, spans)]


def test_items_beside_two_names_are_names() -> None:
    text = "Present: Dufresne (ENT), Nakagawa (RO), Yost (MO), Patel B, Quayle S (path)."
    assert further(text, "Dufresne", "Nakagawa") == ["Yost", "Patel B", "Quayle S"]


@pytest.mark.parametrize(
    "text",
    [
        "Okonkwo, Yost, Knee, Romberg neg",  # words and eponyms
        "Okonkwo, Yost, Eritrean national",
        "Okonkwo, Yost. Quayle",
    ],
)
def test_other_items_are_kept(text: str) -> None:
    assert further(text, "Okonkwo", "Yost") == []


def test_one_name_makes_no_list_of_people() -> None:
    assert further("Okonkwo, Yost, Quayle", "Okonkwo") == []
