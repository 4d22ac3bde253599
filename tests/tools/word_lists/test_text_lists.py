"""Lists of English words."""

from __future__ import annotations

from pathlib import Path

from safelight.text.lexicon.word_lists import read_list
from tools.word_lists.text_lists import (
    _collect_corpus_words,
    _read_dictionary,
    _read_not_everyday_words,
)


def test_the_dictionary_has_no_proper_names(tmp_path: Path) -> None:
    folder = tmp_path / "lists-english-dictionary"
    folder.mkdir()
    (folder / "index.dic").write_text("4\nLondon/M\nlung/MS\na\ncan't\n")
    assert _read_dictionary(tmp_path) == {"lung", "cant"}


def test_corpus_words_are_mostly_in_lower_case(tmp_path: Path) -> None:
    folder = tmp_path / "ner-btc"
    folder.mkdir()
    lines = ["lung O"] * 4 + ["Lung O"] + ["Rose B-PER"] * 3 + ["rose O"] + ["rare O"]
    (folder / "train.conll").write_text("\n".join(lines))
    assert _collect_corpus_words(tmp_path) == {"lung"}


def test_no_everyday_word_is_an_exception_of_the_generator() -> None:
    everyday = set(read_list("everyday_words.txt"))
    assert not _read_not_everyday_words() & everyday
