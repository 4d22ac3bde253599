from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID

from safelight.pseudonyms import Pseudonyms
from safelight.uid_roots import MAX_ROOT_CHARACTERS, MIN_NUMBER_DIGITS, find_root_defect

KEY = bytes(range(32))
ROOT = "1.2.826.0.1.3680043.10.1234.7"

roots = (
    st.lists(st.integers(0, 10**6), min_size=3, max_size=8)
    .map(lambda numbers: ".".join(map(str, (1, 3, *numbers))))
    .filter(lambda root: not find_root_defect(root))
)


@pytest.mark.parametrize(
    ("root", "says"),
    [
        ("", "not a valid UID"),
        ("1.2.840.113619.", "not a valid UID"),
        ("1.2.840.0113619", "not a valid UID"),
        ("1.40.5.6.7", "not a valid UID"),
        ("3.1.2.3.4", "not a valid UID"),
        ("1.2.x", "not a valid UID"),
        ("2.25", "that of UUIDs"),
        ("2.25.123456", "that of UUIDs"),
        ("1.2.840.10008.9", "DICOM standard"),
        ("1.3.6.1.4.1", "many organisations"),
        ("1.2.826", "many organisations"),
        ("1.2." + "9" * 26 + ".1", "at most 29"),
    ],
)
def test_a_root_that_cannot_be_used_is_an_error(root: str, says: str) -> None:
    assert says in find_root_defect(root)
    if root:
        with pytest.raises(ValueError, match=says):
            Pseudonyms(KEY, uid_root=root)


def test_the_longest_root_leaves_room_for_a_number() -> None:
    root = "1.2.3." + "9" * (MAX_ROOT_CHARACTERS - 6)
    assert not find_root_defect(root)
    uids = [Pseudonyms(KEY, uid_root=root).uid(str(n)) for n in range(300)]
    assert max(map(len, uids)) == 64 and len(set(uids)) == 300
    assert max(len(uid.rpartition(".")[2]) for uid in uids) == MIN_NUMBER_DIGITS


@given(roots, st.text(max_size=80), st.text(min_size=1, max_size=20))
def test_a_uid_below_a_root_is_valid_and_the_same_each_time(
    root: str, original: str, namespace: str
) -> None:
    names = Pseudonyms(KEY, namespace, uid_root=root)
    uid = names.uid(original)
    assert UID(uid).is_valid and len(uid) <= 64
    assert uid.startswith(names.uid_prefix) and names.uid_prefix.startswith(f"{root}.")
    assert uid == Pseudonyms(KEY, namespace, uid_root=root).uid(original)


@given(st.text(max_size=40), st.integers(0, 50), st.integers(51, 99))
def test_uids_and_prefixes_of_two_namespaces_have_nothing_in_common(
    original: str, one: int, two: int
) -> None:
    names = [Pseudonyms(KEY, f"study-{number}", uid_root=ROOT) for number in (one, two)]
    first, second = names
    assert not second.uid(original).startswith(first.uid_prefix)
    assert first.uid(original).rpartition(".")[2] != second.uid(original).rpartition(".")[2]


def test_a_uid_below_a_root_does_not_contain_the_uid_without_it() -> None:
    number = Pseudonyms(KEY).uid("1.2.3").rpartition(".")[2]
    below = Pseudonyms(KEY, uid_root=ROOT).uid("1.2.3").rpartition(".")[2]
    assert below not in number and number not in below


def test_uids_below_a_root_do_not_change_between_versions() -> None:
    # A change would break the links to objects that are already released.
    uid = Pseudonyms(KEY, "study-a", uid_root=ROOT).uid("1.2.3")
    assert uid == f"{ROOT}.471935920.116378459162055328053504"
