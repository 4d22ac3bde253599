from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from jobs.common.run.duplicates import DuplicateResolution, OutputClaim, resolve
from jobs.common.storage.backend import WriteOutcome

NONE: dict[str, frozenset[tuple[str, str]]] = {}


def run(
    contents: list[tuple[str, str]], order: list[int], stands: dict[str, str]
) -> DuplicateResolution:
    """DuplicateResolution when the sources are written in an order onto what stands."""
    disk = dict(stands)
    written = {}
    for position in order:
        uri, sha256 = contents[position]
        there = disk.setdefault(uri, sha256)
        written[position] = WriteOutcome.SAME if there == sha256 else WriteOutcome.CONFLICT
    claims = [
        OutputClaim(n, f"s{n}", "uid", uri, sha256, written[n])
        for n, (uri, sha256) in enumerate(contents)
    ]
    random.Random(0).shuffle(claims)
    return resolve(claims, NONE)


@given(
    st.lists(st.tuples(st.sampled_from(["/o/1", "/o/2"]), st.sampled_from("xyz")), min_size=1)
    .map(lambda contents: contents[:5])
    .flatmap(lambda c: st.tuples(st.just(c), st.permutations(range(len(c)))))
)
def test_the_first_listed_wins_whoever_wrote_first(
    case: tuple[list[tuple[str, str]], list[int]],
) -> None:
    contents, order = case
    verdicts = run(contents, order, {})
    refused = {f"s{n}" for n, content in enumerate(contents) if content != contents[0]}
    assert set(verdicts.refused) == refused
    assert {code for code, _ in verdicts.refused.values()} <= {"duplicate_instance"}
    # What must stand was written, or will be again.
    first_at = next(n for n in order if contents[n][0] == contents[0][0])
    wrong = contents[first_at] != contents[0]
    assert verdicts.repairs == ({"s0"} if wrong else frozenset())
    other = {uri for uri, _ in contents} - {contents[0][0]}
    assert verdicts.orphans == other


def test_identical_content_is_one_object() -> None:
    verdicts = run([("/o/1", "x"), ("/o/1", "x")], [1, 0], {})
    assert verdicts == DuplicateResolution({}, frozenset({"s1"}), frozenset(), frozenset())


def test_what_is_committed_stays() -> None:
    claims = [
        OutputClaim(0, "new", "uid", "/o/1", "x", WriteOutcome.CONFLICT),
        OutputClaim(1, "same", "uid", "/o/1", "y", WriteOutcome.SAME),
    ]
    verdicts = resolve(claims, {"uid": frozenset({("/o/1", "y")})})
    assert verdicts.refused["new"][0] == "duplicate_instance"
    assert verdicts.twins == {"same"}
    assert not verdicts.repairs and not verdicts.orphans


def test_a_stranger_at_the_output_name_is_a_conflict() -> None:
    verdicts = run([("/o/1", "x")], [0], {"/o/1": "other"})
    assert verdicts.refused["s0"][0] == "output_conflict"
    assert not verdicts.repairs and not verdicts.orphans
