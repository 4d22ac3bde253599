from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_pipelines.text_windows import WINDOW_MAX_CHARACTERS, split_windows
from nlp_pipelines.tokens import tokenize


@settings(deadline=None)
@given(st.text(max_size=3000))
def test_windows_cover_the_text_in_code_points(text: str) -> None:
    covered = [False] * len(text)
    for window in split_windows(text):
        assert 0 < len(window.text) <= WINDOW_MAX_CHARACTERS
        for place, character in enumerate(window.text, window.offset):
            original = text[place]
            covered[place] = True
            assert character == original or character in " \ufffd"
            assert ord(character) < 0x10000
    assert all(done or text[i].isspace() for i, done in enumerate(covered))


@settings(deadline=None)
@given(st.lists(st.sampled_from(["ab", "cde. ", "fghijkl ", "\n", "\n\n", "m" * 30]), max_size=300))
def test_every_word_of_ordinary_length_is_whole_in_a_window(parts: list[str]) -> None:
    text = "".join(parts)
    whole = set()
    for window in split_windows(text):
        whole |= {(window.offset + b, window.offset + e) for b, e in tokenize(window.text)}
    for begin, end in tokenize(text):
        if end - begin < 40:
            assert (begin, end) in whole


def test_windows_end_between_sentences() -> None:
    text = "The liver is normal. " * 60
    assert all(window.text.rstrip().endswith(".") for window in split_windows(text))


def test_a_megabyte_is_covered() -> None:
    text = "x" * 1_000_000
    pieces = split_windows(text)
    assert pieces[-1].offset + len(pieces[-1].text) == len(text)
    assert all(a.offset + len(a.text) > b.offset for a, b in zip(pieces, pieces[1:]))


def test_blank_texts_have_no_windows() -> None:
    assert split_windows("") == split_windows(" \n\t") == []
