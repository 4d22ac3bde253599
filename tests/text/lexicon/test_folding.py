from __future__ import annotations

import pytest

from safelight.text.lexicon.folding import fold, fold_text, is_unspaced


@pytest.mark.parametrize(
    ("text", "folded"),
    [("MÜLLER", "muller"), ("Øst", "ost"), ("Straße", "strasse"), ("a–b", "a-b"), ("金", "金")],
)
def test_folding_lowers_case_and_removes_diacritics(text: str, folded: str) -> None:
    assert fold_text(text) == folded
    assert fold(text).text == folded


def test_folded_range_maps_to_the_original_range() -> None:
    folded = fold("Straße 5")
    begin = folded.text.index("ss")
    assert folded.original(begin, begin + 2) == (4, 5)


def test_original_range_includes_combining_marks() -> None:
    text = "Mu\u0308ller"
    assert fold(text).original(0, 2) == (0, 3)


def test_empty_range_maps_to_an_empty_range() -> None:
    assert fold("é").original(0, 0) == (0, 0)


def test_scripts_without_spaces_are_recognized() -> None:
    assert is_unspaced("名") and is_unspaced("김") and not is_unspaced("a")
