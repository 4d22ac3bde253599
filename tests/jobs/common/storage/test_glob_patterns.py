from __future__ import annotations

import pytest

from jobs.common.storage.glob_patterns import compile_glob, has_wildcard, literal_prefix


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("a/*.dcm", "a/1.dcm", True),
        ("a/*.dcm", "a/b/1.dcm", False),
        ("a/**.dcm", "a/b/1.dcm", True),
        ("a/?", "a/1", True),
        ("a/?", "a//", False),
        ("[!b]/1", "a/1", True),
        ("[!b]/1", "b/1", False),
        ("a.b", "axb", False),
    ],
)
def test_a_pattern_matches_whole_paths(pattern: str, path: str, matches: bool) -> None:
    assert bool(compile_glob(pattern)(path)) is matches


def test_the_literal_prefix_ends_before_the_first_wildcard() -> None:
    assert literal_prefix("a/b*/[x]") == "a/b"
    assert literal_prefix("a/b") == "a/b"


def test_wildcards_are_recognized() -> None:
    assert has_wildcard("a?") and has_wildcard("[a]") and not has_wildcard("a.b")
