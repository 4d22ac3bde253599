from __future__ import annotations

import argparse

import pytest

from jobs.common.cli import arguments


@pytest.mark.parametrize("name", ["a", "study-7", "r1.2_x", "A" * 64])
def test_a_safe_name_is_accepted(name: str) -> None:
    assert arguments.parse_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "é", "A" * 65])
def test_an_unsafe_name_is_refused(name: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        arguments.parse_name(name)


def test_all_shared_arguments_can_be_combined() -> None:
    parser = argparse.ArgumentParser()
    for add in (arguments.add_input, arguments.add_tables, arguments.add_key,
                arguments.add_stages, arguments.add_run):  # fmt: skip
        add(parser)
    given = parser.parse_args(["--tables", "t", "--key", "file:k", "--master", "local[2]"])
    assert (given.rules, given.pixels, given.text, given.namespace) == (
        "research", "on", "on", "default",
    )  # fmt: skip
