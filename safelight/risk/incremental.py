"""Choose the patients whose new objects a recipient may get, given what the recipient has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping


def choose_releasable(
    before: Mapping[str, Hashable], after: Mapping[str, Hashable], k: int
) -> frozenset[str]:
    """Return the patients whose new objects leave every class with at least k patients.

    Parameters
    ----------
    before : mapping of str to hashable
        Class of each patient of earlier releases, by the objects that the recipient has.
    after : mapping of str to hashable
        Class of each patient with new objects, by the objects of all releases and the new ones.
    k : int
        Smallest size of an equivalence class.

    Returns
    -------
    frozenset of str
        Largest subset of ``after`` that this greedy removal finds. A class of earlier releases
        that is below k already, because a patient was withdrawn, does not hold others back.

    Notes
    -----
    New objects may move a patient to another class, for example by another age. The class that
    the patient leaves must not fall below k either.
    """
    chosen = set(after)
    sizes_before = Counter(before.values())
    while True:
        sizes = Counter(
            after[patient] if patient in chosen else before[patient]
            for patient in before.keys() | chosen
        )
        held = {
            patient
            for patient in chosen
            if sizes[after[patient]] < k or _shrinks(patient, before, after, sizes, sizes_before, k)
        }
        if not held:
            return frozenset(chosen)
        chosen -= held


def _shrinks(
    patient: str,
    before: Mapping[str, Hashable],
    after: Mapping[str, Hashable],
    sizes: Counter[Hashable],
    sizes_before: Counter[Hashable],
    k: int,
) -> bool:
    """Return whether a patient leaves a class that then falls from k or more to less than k."""
    if patient not in before or before[patient] == after[patient]:
        return False
    left = before[patient]
    return 0 < sizes[left] < k <= sizes_before[left]
