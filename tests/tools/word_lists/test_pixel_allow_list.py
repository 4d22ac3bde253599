"""Allow list of words in pixels."""

from __future__ import annotations

from pathlib import Path

from tools.word_lists.pixel_allow_list import _read_names, _split_words


def test_a_keyword_is_split_into_words_of_at_least_three_letters() -> None:
    assert _split_words("DateOfPatientPosition") == {"date", "patient", "position"}


def test_names_are_read_from_a_file_or_folder(tmp_path: Path) -> None:
    path = tmp_path / "dist.all.last"
    path.write_text("SMITH 1.006\n\nJONES 0.6\n")
    assert _read_names(path) == _read_names(tmp_path) == {"smith", "jones"}
