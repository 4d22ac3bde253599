"""Expected content of the outputs of a rule set, for the verifier."""

from __future__ import annotations

from jobs.common.verification.expectation import make_expectation
from safelight.rules import load_rules
from safelight.rules.loader import parse_rules

REGION, PROTOCOL, ADDRESS = 0x00102152, 0x00181030, 0x00101040


def test_attributes_that_own_rules_keep_are_expected_and_removed_ones_are_not() -> None:
    rules = parse_rules(
        "name: own\nversion: 1\nextends: basic\nelements:\n"
        "  - {tag: RegionOfResidence, action: keep}\n"
        '  - {tag: "+/ProtocolName", action: clean}\n'
        "  - {tag: PatientAddress, action: remove}\n",
        "own.yaml",
    )
    expectation = make_expectation(rules)
    assert {REGION, PROTOCOL} <= expectation.ruled_tags
    assert ADDRESS not in expectation.ruled_tags


def test_the_profile_alone_expects_no_exception() -> None:
    expectation = make_expectation(load_rules("basic"))
    assert expectation.ruled_tags == frozenset()
    assert expectation.granted_codes is not None
    assert "113109" not in expectation.granted_codes
