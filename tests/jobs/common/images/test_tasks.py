from __future__ import annotations

import pickle

import pytest

from jobs.common.images.tasks import build_deidentifier, decode_scan, encode_scan
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from safelight import Deidentifier
from safelight.deidentifier import SourceScan
from safelight.records import Result, Status
from safelight.rules import load_rules

RULES = load_rules("basic")


@pytest.mark.parametrize("outcome", [SourceScan(frozenset({"a"})), Result(Status.QUARANTINED)])
def test_an_outcome_survives_encoding(outcome: SourceScan | Result) -> None:
    assert decode_scan(encode_scan(outcome)) == outcome


def test_other_data_is_no_outcome() -> None:
    with pytest.raises(TypeError, match="neither a scan nor a result"):
        decode_scan(pickle.dumps("text"))


def test_the_deidentifier_has_the_rules_and_stages_of_the_run() -> None:
    config = DeidentifierConfig(RULES, RULES.hash, bytes(range(32)), "a", pixels=False, text=False)
    deidentifier = build_deidentifier(config)
    assert isinstance(deidentifier, Deidentifier)
    assert deidentifier.rules is RULES and not deidentifier.text
