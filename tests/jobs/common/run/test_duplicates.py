from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from jobs.common.run.duplicates import (
    DuplicateResolution,
    OutputClaim,
    OutputContent,
    resolve_duplicates,
)
from jobs.common.storage.backend import WriteOutcome

NONE: dict[str, frozenset[OutputContent]] = {}


def run(
    contents: list[tuple[str, str]], order: list[int], existing: dict[str, str]
) -> DuplicateResolution:
    """Return the resolution after the sources are written in an order; some objects exist."""
    disk = dict(existing)
    written = {}
    for position in order:
        uri, sha256 = contents[position]
        there = disk.setdefault(uri, sha256)
        written[position] = WriteOutcome.SAME if there == sha256 else WriteOutcome.CONFLICT
    claims = [
        OutputClaim(n, f"s{n}", "uid", uri, sha256, 1, written[n].value)
        for n, (uri, sha256) in enumerate(contents)
    ]
    random.Random(0).shuffle(claims)
    return resolve_duplicates(claims, NONE)


@given(
    st.lists(st.tuples(st.sampled_from(["/o/1", "/o/2"]), st.sampled_from("xyz")), min_size=1)
    .map(lambda contents: contents[:5])
    .flatmap(lambda c: st.tuples(st.just(c), st.permutations(range(len(c)))))
)
def test_the_first_listed_source_wins_in_any_order_of_writes(
    case: tuple[list[tuple[str, str]], list[int]],
) -> None:
    contents, order = case
    resolution = run(contents, order, {})
    refused = {f"s{n}" for n, content in enumerate(contents) if content != contents[0]}
    assert set(resolution.refused) == refused
    assert {code for code, _ in resolution.refused.values()} <= {"duplicate_instance"}
    # The object of the winner exists, or will be rewritten.
    first_at = next(n for n in order if contents[n][0] == contents[0][0])
    wrong = contents[first_at] != contents[0]
    assert resolution.rewrites == ({"s0"} if wrong else set())
    other = {uri for uri, _ in contents} - {contents[0][0]}
    assert resolution.orphaned_uris == other


def test_sources_of_equal_content_have_one_object() -> None:
    resolution = run([("/o/1", "x"), ("/o/1", "x")], [1, 0], {})
    assert resolution == DuplicateResolution(same_content={"s1"})


def test_committed_content_wins() -> None:
    claims = [
        OutputClaim(0, "new", "uid", "/o/1", "x", 1, WriteOutcome.CONFLICT.value),
        OutputClaim(1, "same", "uid", "/o/1", "y", 1, WriteOutcome.SAME.value),
    ]
    resolution = resolve_duplicates(claims, {"uid": frozenset({OutputContent("/o/1", "y")})})
    assert resolution.refused["new"][0] == "duplicate_instance"
    assert resolution.same_content == {"same"}
    assert not resolution.rewrites and not resolution.orphaned_uris


def test_an_object_of_others_at_the_output_location_is_a_conflict() -> None:
    resolution = run([("/o/1", "x")], [0], {"/o/1": "other"})
    assert resolution.refused["s0"][0] == "output_conflict"
    assert not resolution.rewrites and not resolution.orphaned_uris


def test_committed_content_was_written_after_the_batch_found_another_object() -> None:
    claim = OutputClaim(0, "s", "uid", "/o/1", "x", 1, WriteOutcome.CONFLICT.value)
    resolution = resolve_duplicates([claim], {"uid": frozenset({OutputContent("/o/1", "x")})})
    assert resolution == DuplicateResolution(same_content={"s"})
