"""Laws that hold for every object: nothing leaks, UIDs map one to one, dates keep their distance.

The objects are random element trees (see tests/trees.py); the laws are checked by what is no
part of the engine.
"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from safelight import Deidentifier
from safelight.records import Status
from safelight.verify import Check, ConsistencyLink, Verifier, find_contradictions
from tests.headers.objects import make_deidentifier, read, to_bytes
from tests.trees import Tree, trees

LAW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

ENGINES = {
    # A text model that finds nothing: what is cut out, the engine knows by itself.
    "research": make_deidentifier("research", annotate=lambda texts: [[] for _ in texts]),
    "research, no text model": make_deidentifier("research"),
    "basic": make_deidentifier("basic"),
}
any_engine = st.sampled_from(sorted(ENGINES)).map(ENGINES.__getitem__)


def written(one: Deidentifier, tree: Tree) -> bytes:
    """The output; these objects have nothing in them that could stop one."""
    result = one.deidentify(to_bytes(tree.dataset))
    assert result.status is Status.DEIDENTIFIED, result.reason
    assert result.data is not None
    return result.data


@LAW
@given(tree=trees(), one=any_engine)
def test_nothing_of_the_patient_stands_anywhere_in_the_output(
    tree: Tree, one: Deidentifier
) -> None:
    output = written(one, tree)
    folded = output.upper()
    assert [s for s in tree.secrets if s.upper().encode() in folded] == []
    assert [uid for uid in tree.uids if uid.encode() in output] == []
    found = Verifier().check(output) + Verifier().compare(output, to_bytes(tree.dataset))
    assert found == ()


@LAW
@given(pair=st.tuples(trees(), trees()), one=any_engine)
def test_uids_map_one_to_one_over_objects(pair: tuple[Tree, Tree], one: Deidentifier) -> None:
    verifier = Verifier()
    links: list[ConsistencyLink] = []
    for tree in pair:
        links += verifier.collect_links(written(one, tree), to_bytes(tree.dataset))
    assert sum(link.kind == "uid" for link in links) >= 6
    assert list(find_contradictions(link for link in links if link.kind != "shift")) == []


def dates(ds: Dataset) -> Iterator[str]:
    """All dates of an object, in order."""
    for element in ds.iterall():
        if element.VR in ("DA", "DT") and element.value:
            yield str(element.value)[:8]


@LAW
@given(tree=trees())
def test_dates_keep_their_distance(tree: Tree) -> None:
    verifier = Verifier()
    output = written(ENGINES["research"], tree)
    shifts = {
        link.right
        for link in verifier.collect_links(output, to_bytes(tree.dataset))
        if link.kind == "shift"
    }
    assert len(shifts) == 1 and -1095 <= int(shifts.pop()) <= -1
    found = verifier.compare(output, to_bytes(tree.dataset))
    assert [d for d in found if d.check is Check.DATE_INTERVAL] == []


@LAW
@given(tree=trees())
def test_without_an_option_no_date_stays(tree: Tree) -> None:
    left = set(dates(read(written(ENGINES["basic"], tree))))
    assert left <= {"19000101"}


@LAW
@given(tree=trees())
def test_two_runs_are_one(tree: Tree) -> None:
    first = written(ENGINES["research"], tree)
    fresh = make_deidentifier("research", annotate=lambda texts: [[] for _ in texts])
    assert written(fresh, tree) == first
