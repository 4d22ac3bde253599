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


@pytest.mark.parametrize(
    ("text", "size"),
    [("100M", 100 << 20), ("4g", 4 << 30), ("2GB", 2 << 30), ("99999999", 99999999)],
)
def test_memory_has_a_unit(text: str, size: int) -> None:
    parser = argparse.ArgumentParser()
    arguments.add_object_limits(parser)
    assert parser.parse_args(["--object-memory", text]).object_memory == size


@pytest.mark.parametrize(
    "argument",
    [
        "--object-memory=1M",
        "--object-memory=x",
        "--object-memory=-4G",
        "--object-memory=9999999T",
        "--object-seconds=0",
        "--object-seconds=-1",
        "--object-seconds=nan",
        "--object-seconds=inf",
        "--object-seconds=soon",
    ],
)
def test_a_limit_that_is_no_amount_is_refused(argument: str) -> None:
    parser = argparse.ArgumentParser()
    arguments.add_object_limits(parser)
    with pytest.raises(SystemExit):
        parser.parse_args([argument])


@pytest.mark.parametrize("store", ["delta", "dynamodb:safelight-mapping", "dynamodb:a.b_c"])
def test_a_store_of_the_mapping_is_accepted(store: str) -> None:
    assert arguments.parse_mapping_store(store) == store


@pytest.mark.parametrize("store", ["", "Delta", "dynamodb:", "dynamodb:ab", "dynamodb:a/b", "s3:x"])
def test_another_store_of_the_mapping_is_refused(store: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="delta or dynamodb:TABLE"):
        arguments.parse_mapping_store(store)


def test_all_shared_arguments_can_be_combined() -> None:
    parser = argparse.ArgumentParser()
    for add in (arguments.add_input, arguments.add_tables, arguments.add_key,
                arguments.add_stages, arguments.add_run):  # fmt: skip
        add(parser)
    given = parser.parse_args(["--tables", "t", "--key", "file:k", "--master", "local[2]"])
    assert (given.rules, given.pixels, given.text, given.namespace) == (
        "research", "on", "on", "default",
    )  # fmt: skip
