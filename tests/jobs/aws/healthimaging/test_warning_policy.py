from __future__ import annotations

import pytest

from jobs.aws.healthimaging.warning_policy import (
    DEFAULT_ACTIONS,
    WarningPolicy,
    normalize_type,
    parse_policy,
    type_of_number,
)
from jobs.common.cli.errors import UsageError
from tests.jobs.aws.healthimaging_store import WARNING_CODES


@pytest.mark.parametrize("text", ["INVALID_OFFSET_TABLE", "InvalidOffsetTable"])
def test_both_spellings_of_a_type_are_one_type(text: str) -> None:
    assert normalize_type(text) == "INVALID_OFFSET_TABLE"


def test_every_documented_type_has_an_action() -> None:
    assert {normalize_type(name) for name in WARNING_CODES} == set(DEFAULT_ACTIONS)


def test_a_type_that_is_not_documented_is_a_gate() -> None:
    assert WarningPolicy().find_gates([normalize_type("FutureWarning")]) == ["FUTUREWARNING"]


def test_a_note_holds_nothing() -> None:
    policy = parse_policy(["OTHER=note", "elements_discarded=gate"])
    assert policy.find_gates(["OTHER", "ELEMENTS_DISCARDED"]) == ["ELEMENTS_DISCARDED"]


@pytest.mark.parametrize("number", [45569, 45570, 45571, 47513, 49151])
def test_a_number_with_two_meanings_is_a_gate(number: int) -> None:
    everything_noted = parse_policy([f"{name}=note" for name in DEFAULT_ACTIONS])
    assert everything_noted.find_gates([type_of_number(number)])


@pytest.mark.parametrize("text", ["OTHER", "OTHER=keep", "NOTHING=note"])
def test_a_wrong_policy_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="give TYPE=gate or TYPE=note"):
        parse_policy([text])
