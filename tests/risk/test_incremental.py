from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from safelight.risk.incremental import choose_releasable


def test_a_small_class_waits_until_it_has_k() -> None:
    assert choose_releasable({}, {"p1": "a", "p2": "a", "p3": "b"}, 2) == {"p1", "p2"}
    assert choose_releasable({"p1": "a", "p2": "a"}, {"p3": "a", "p4": "b"}, 2) == {"p3"}


def test_a_patient_does_not_leave_a_class_that_falls_below_k() -> None:
    before = {"p1": "a", "p2": "a", "p3": "b", "p4": "b"}
    assert choose_releasable(before, {"p1": "b"}, 2) == frozenset()
    assert choose_releasable(before, {"p1": "a"}, 2) == {"p1"}


def test_patients_who_move_together_are_released() -> None:
    before = {"p1": "a", "p2": "a"}
    assert choose_releasable(before, {"p1": "b", "p2": "b"}, 2) == {"p1", "p2"}


classes = st.dictionaries(st.integers(0, 12).map(str), st.sampled_from("abc"), max_size=12)


@given(classes, classes, st.integers(1, 4))
def test_no_class_gets_smaller_than_k(
    before: dict[str, str], after: dict[str, str], k: int
) -> None:
    chosen = choose_releasable(before, after, k)
    sizes = Counter((before | {p: after[p] for p in chosen}).values())
    sizes_before = Counter(before.values())
    for value, size in sizes.items():
        assert size >= k or sizes_before[value] < k
    assert all(sizes[after[p]] >= k for p in chosen)
