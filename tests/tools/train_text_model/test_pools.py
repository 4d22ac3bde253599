from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tools.train_text_model.pools import in_split, states, words


@given(st.text(min_size=1))
def test_a_value_is_in_one_half(value: str) -> None:
    assert in_split(value, "train") != in_split(value, "test")


def test_case_does_not_change_the_half() -> None:
    assert in_split("Kowalczyk", "train") == in_split("KOWALCZYK ", "train")


def test_the_halves_of_a_list_are_disjoint() -> None:
    assert words("drugs", "train") and not set(words("drugs", "train")) & set(
        words("drugs", "test")
    )


def test_states_have_their_own_codes() -> None:
    pairs = states()
    assert len(pairs) == 50
    assert {("AL", "Alabama"), ("NE", "Nebraska"), ("WY", "Wyoming")} <= set(pairs)
