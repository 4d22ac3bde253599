from __future__ import annotations

import json

from jobs.common.export.release_risk import assess_population, assess_risk
from jobs.common.export.release_statement import ReleaseFacts, make_statement
from tests.jobs.common.export.test_recipient_catalog import released
from tests.jobs.common.export.test_release_risk import options, values


def make() -> dict[str, object]:
    assessment = assess_risk(options(1), {}, {"p1": values(40)}, None)
    facts = ReleaseFacts(
        "n1", options(1), assessment,
        assess_population(options(1), assessment, {values(40)[:-1]: 4, values(80)[:-1]: 1}),
        {"objects cannot be rewritten (ValueError)": 2}, {"findings": 3},
    )  # fmt: skip
    return dict(json.loads(make_statement(facts, [released()], "m")))


def test_what_was_not_examined_and_the_measured_recall_are_stated() -> None:
    statement = make()
    assert statement["not_examined"] == {
        "objects_without_the_pixel_stage": 1,
        "objects_by_stages": {"headers": 1},
        "objects_refused": {"objects cannot be rewritten (ValueError)": 2},
    }
    assert statement["burned_in_text"]["worst_condition"] == "faint over organs"  # type: ignore[index]


def test_the_verification_and_the_population_are_stated() -> None:
    statement = make()
    assert statement["verification"] == {
        "objects_by_outcome": {"not_verified": 1},
        "objects_refused_as_not_clean": {"findings": 3},
    }
    population = statement["disclosure_risk"]["population"]  # type: ignore[index]
    assert population["catalog_patients"] == 5 and population["unique_in_catalog"] == 0


def test_limits_and_withdrawal_are_stated_and_the_key_is_not() -> None:
    text = json.dumps(make())
    for words in ("same pixels", "Faces", "not an Expert Determination", "safelight withdraw"):
        assert words in text
    assert (b"\x00" * 32).hex() not in text and "P1" not in text
