from __future__ import annotations

import pytest

from safelight.rules import RulesError, parse_rules
from safelight.rules.describe import describe

START = "name: own\nversion: 1\nextends: basic\nadd:\n  - "


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{tag: PatientAge, vr: AS, value: 047Y}", "a VR only for a private element"),
        ("{tag: '(0013,\"TRIAL\",10)', vr: OB, value: x}", "one of the VRs AE"),
        ("{tag: '(0007,\"TRIAL\",10)', value: x}", "an odd group from 0009 on"),
        ("{tag: '(0012,\"TRIAL\",10)', value: x}", "group"),
        ("{tag: '(0013,\"TR*\",10)', value: x}", "one element"),
        ("{tag: '(0013,\"TRIAL\",10)', vr: US, value: seven}", "a value that the VR US can hold"),
        ("{tag: '(0013,\"TRIAL\",10)', item: {PatientID: x}}", "a sequence"),
        ("{tag: 'RequestAttributesSequence/(0013,\"TRIAL\",10)', value: x}", "top level only"),
    ],
)
def test_a_wrong_private_element_is_refused(entry: str, expected: str) -> None:
    with pytest.raises(RulesError, match=expected):
        parse_rules(f"{START}{entry}\n", "own.yaml")


def test_a_private_element_is_named_with_its_creator() -> None:
    rules = parse_rules(f"{START}{{tag: '(0013,\"TRIAL\",1f)', value: X-7}}\n", "own.yaml")
    (addition,) = rules.additions
    assert (addition.name, addition.private_vr) == ('(0013,"TRIAL",1F)', "LO")
    assert '(0013,"TRIAL",1F): X-7, if the object has no value.' in describe(rules)
