from __future__ import annotations

import re

import pytest

from jobs.aws.submit.tokens import client_token, find_value, run_name


def test_token_does_not_depend_on_the_order_of_the_request() -> None:
    assert client_token({"a": 1, "b": [2]}) == client_token({"b": [2], "a": 1})
    assert re.fullmatch(r"[0-9a-f]{64}", client_token({}))


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["x", "--run-id", "a", "--run-id=b"], "b"),
        (["x", "--run-id=b", "--run-id", "a"], "a"),
        (["x", "--run-id"], None),
        (["x"], None),
    ],
)
def test_last_value_of_an_option_counts(arguments: list[str], value: str | None) -> None:
    assert find_value(arguments, "--run-id") == value


@pytest.mark.parametrize("run_id", ["a.b_c", "x" * 64])
def test_name_fits_every_service(run_id: str) -> None:
    name = run_name(["deidentify", "--run-id", run_id])
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name)
