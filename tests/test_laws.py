"""Test properties of every output: no PHI, UIDs map one to one, dates keep their intervals.

The objects are random element trees (see tests/trees.py). The independent verifier checks them.
"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from safelight import Deidentifier
from safelight.records import Status
from safelight.verify import Check, ConsistencyLink, Expectation, Verifier, find_contradictions
from tests.headers.objects import find_nothing, make_deidentifier, read, to_bytes
from tests.trees import Tree, trees

PROPERTY = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

DEIDENTIFIERS = {
    "research": make_deidentifier("research", annotate=find_nothing),
    "research, no text model": make_deidentifier("research"),
    "basic": make_deidentifier("basic"),
}
ROOTED = make_deidentifier(
    "name: own-root\nversion: '1'\nextends: research\nuids: {root: 1.2.826.0.1.3680043.10.1234.7}\n"
)
any_deidentifier = st.sampled_from(sorted(DEIDENTIFIERS)).map(DEIDENTIFIERS.__getitem__)


def deidentify(one: Deidentifier, tree: Tree) -> bytes:
    """Return the output; none of these objects is quarantined."""
    result = one.deidentify(to_bytes(tree.dataset))
    assert result.status is Status.DEIDENTIFIED, result.reason
    assert result.data is not None
    return result.data


@PROPERTY
@given(tree=trees(), one=any_deidentifier)
def test_output_has_no_value_of_the_patient(tree: Tree, one: Deidentifier) -> None:
    output = deidentify(one, tree)
    folded = output.upper()
    assert [s for s in tree.secrets if s.upper().encode() in folded] == []
    assert [uid for uid in tree.uids if uid.encode() in output] == []
    found = Verifier().check(output) + Verifier().compare(output, to_bytes(tree.dataset))
    assert found == ()


@PROPERTY
@given(pair=st.tuples(trees(), trees()), one=any_deidentifier)
def test_uids_map_one_to_one_in_all_objects(pair: tuple[Tree, Tree], one: Deidentifier) -> None:
    verifier = Verifier()
    links: list[ConsistencyLink] = []
    for tree in pair:
        links += verifier.collect_links(deidentify(one, tree), to_bytes(tree.dataset))
    assert sum(link.kind == "uid" for link in links) >= 6
    assert list(find_contradictions(link for link in links if link.kind != "shift")) == []


def iterate_dates(ds: Dataset) -> Iterator[str]:
    """Yield all dates of an object in order."""
    for element in ds.iterall():
        if element.VR in ("DA", "DT") and element.value:
            yield str(element.value)[:8]


@settings(PROPERTY, max_examples=15)
@given(tree=trees())
def test_uids_below_a_root_have_one_prefix_and_are_accepted(tree: Tree) -> None:
    output = deidentify(ROOTED, tree)
    prefix = ROOTED.pseudonyms.uid_prefix
    ds = read(output)
    uids = (ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)
    assert all(uid.startswith(prefix) and uid.is_valid for uid in uids)
    assert Verifier(Expectation(uid_root=ROOTED.rules.uid_root)).check(output) == ()
    assert {defect.check for defect in Verifier().check(output)} == {Check.UID}


@PROPERTY
@given(tree=trees())
def test_intervals_of_dates_are_kept(tree: Tree) -> None:
    verifier = Verifier()
    output = deidentify(DEIDENTIFIERS["research"], tree)
    shifts = {
        link.right
        for link in verifier.collect_links(output, to_bytes(tree.dataset))
        if link.kind == "shift"
    }
    assert len(shifts) == 1 and -1095 <= int(shifts.pop()) <= -1
    found = verifier.compare(output, to_bytes(tree.dataset))
    assert [d for d in found if d.check is Check.DATE_INTERVAL] == []


@PROPERTY
@given(tree=trees())
def test_basic_profile_keeps_no_date(tree: Tree) -> None:
    left = set(iterate_dates(read(deidentify(DEIDENTIFIERS["basic"], tree))))
    assert left <= {"19000101"}


@PROPERTY
@given(tree=trees())
def test_second_run_gives_the_same_bytes(tree: Tree) -> None:
    first = deidentify(DEIDENTIFIERS["research"], tree)
    fresh = make_deidentifier("research", annotate=find_nothing)
    assert deidentify(fresh, tree) == first
