"""Expected content of the outputs of a rule set, for the verifier."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UltrasoundImageStorage

from jobs.common.verification.expectation import make_expectation
from safelight import Deidentifier
from safelight.rules import load_rules
from safelight.rules.loader import parse_rules
from safelight.verify import Expectation, Verifier
from safelight.verify.profile_attributes import is_retained
from tests.headers.objects import KEY, find_nothing, make_object, read, to_bytes
from tests.verify.test_profile_attributes import ADDED, VALUES

EXAMPLES = Path(__file__).parents[4] / "conf" / "rules" / "examples"

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


def test_hashes_of_the_rules_are_expected() -> None:
    rules = parse_rules(
        "name: own\nversion: 1\nextends: basic\n"
        "elements: [{tag: StudyID, action: hash, length: 12}]\n",
        "own.yaml",
    )
    expectation = make_expectation(rules)
    assert expectation.hash_lengths == {0x00200010: 12}
    source = to_bytes(make_object(StudyID="S19-1"))
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    data = deidentifier.deidentify(source).data
    assert data is not None
    assert Verifier(expectation).check(data) == ()
    leaking = read(data)
    leaking.StudyID = "S19-1"
    assert Verifier(expectation).check(to_bytes(leaking)) != ()


def make_source(modality: str) -> Dataset:
    """Return an original with a value of its own for each attribute of Table E.1-1."""
    ds = make_object(Modality=modality)
    if modality == "US":
        ds.SOPClassUID = UltrasoundImageStorage
    for number, (tag, vr) in enumerate(ADDED.items()):
        text = f"Quillby{chr(97 + number // 26)}{chr(97 + number % 26)} 7"
        uid = f"1.2.826.0.1.3680043.8.498.77.{number}"
        ds.add_new(tag, vr, uid if vr == "UI" else VALUES.get(vr, text))
    del ds.ModifyingDeviceID  # has the same value as other codes, which remain
    return ds


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("gdpr-year-only", "CT"),
        ("hipaa-limited-data-set", "CT"),
        ("vendor-debugging", "CT"),
        ("ultrasound-teaching-file", "US"),
    ],
)
def test_values_put_back_under_the_rules_of_the_examples_are_seen(name: str, modality: str) -> None:
    rules = load_rules(str(EXAMPLES / f"{name}.yaml"))
    expectation = make_expectation(rules)
    verifier, source = Verifier(expectation), make_source(modality)
    original = to_bytes(source)
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    clean = deidentifier.deidentify(original).data
    assert clean is not None
    assert verifier.check(clean) == verifier.compare(clean, original) == ()
    leaking = read(clean)
    changed = {
        tag for tag in ADDED
        if tag in source and (tag not in leaking or leaking[tag].value != source[tag].value)
    }  # fmt: skip
    for tag in changed:
        leaking[tag] = source[tag]
    data = to_bytes(leaking)
    found = {d.location for d in (*verifier.check(data), *verifier.compare(data, original))}
    missed = {tag for tag in changed if f"({tag >> 16:04X},{tag & 0xFFFF:04X})" not in found}
    assert not {tag for tag in missed if not _is_allowed(tag, expectation)}
    assert len(changed) > 200


def _is_allowed(tag: int, expectation: Expectation) -> bool:
    """Return whether the rules or their options may retain a value of an attribute."""
    assert expectation.granted_codes is not None
    return is_retained(tag, expectation.granted_codes) or tag in expectation.retained_tags
