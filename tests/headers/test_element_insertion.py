from __future__ import annotations

from safelight.rules import parse_rules
from tests.headers.objects import deidentify, make_object


def test_an_object_without_patient_id_gets_the_pseudonym() -> None:
    ds = make_object()
    del ds.PatientID
    new, result = deidentify(ds)
    assert new.PatientID == result.patient_pseudonym


def test_an_age_of_the_rules_is_not_replaced_by_a_derived_one() -> None:
    rules = parse_rules(
        "name: own\nversion: 1\nextends: research\nadd: [{tag: PatientAge, value: 000Y}]\n",
        "own",
    )
    new, _ = deidentify(make_object(), rules)
    assert new.PatientAge == "000Y"
