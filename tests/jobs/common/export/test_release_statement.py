from __future__ import annotations

import json

from jobs.common.export.release_risk import assess_risk
from jobs.common.export.release_statement import make_statement
from tests.jobs.common.export.test_recipient_catalog import released
from tests.jobs.common.export.test_release_risk import options, values


def make() -> dict[str, object]:
    assessment = assess_risk(options(1), {}, {"p1": values(40)}, None)
    refused = {"objects cannot be rewritten (ValueError)": 2}
    text = make_statement(
        "n1", options(1), assessment, [released()], [("research", "h")], "m", refused
    )
    return dict(json.loads(text))


def test_what_was_not_examined_and_the_measured_recall_are_stated() -> None:
    statement = make()
    assert statement["not_examined"] == {
        "objects_without_the_pixel_stage": 1,
        "objects_by_stages": {"headers": 1},
        "objects_refused": {"objects cannot be rewritten (ValueError)": 2},
    }
    assert statement["burned_in_text"]["worst_condition"] == "faint over organs"  # type: ignore[index]


def test_limits_and_withdrawal_are_stated_and_the_key_is_not() -> None:
    text = json.dumps(make())
    for words in ("same pixels", "Faces", "not an Expert Determination", "safelight withdraw"):
        assert words in text
    assert (b"\x00" * 32).hex() not in text and "P1" not in text
