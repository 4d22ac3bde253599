from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

import pyarrow as pa
import pytest

from jobs.common.export.recipient.catalog import make_catalog
from jobs.common.export.recipient.rows import ReleasedObject, RewriteOutcome, encode_outcomes
from jobs.common.export.release.risk import assess_population, assess_risk
from jobs.common.export.release.statement import ReleaseFacts, make_statement
from jobs.common.export.release.totals import ReleaseTotals
from tests.jobs.common.export.recipient.test_catalog import released
from tests.jobs.common.export.release.test_risk import options, values


def make(levels: Optional[dict[str, int]] = None) -> dict[str, object]:
    assessment = assess_risk(options(1), {}, {"p1": values(40)}, None)
    assessment = replace(assessment, levels=levels or {})
    facts = ReleaseFacts(
        "n1", options(1), assessment,
        assess_population(options(1), assessment, {values(40)[:-1]: 4, values(80)[:-1]: 1}),
        {"objects cannot be rewritten (ValueError)": 2}, {"findings": 3},
    )  # fmt: skip
    return dict(json.loads(make_statement(facts, totals_of([released()]), "m")))


def totals_of(objects: Sequence[ReleasedObject]) -> ReleaseTotals:
    outcomes = [RewriteOutcome(one.selected, "new", one) for one in objects]
    totals = ReleaseTotals()
    rows = encode_outcomes(outcomes, make_catalog("n1", objects))
    totals.add(pa.Table.from_batches([rows]))
    return totals


def test_what_was_not_examined_and_the_measured_recall_are_stated() -> None:
    statement = make()
    assert statement["not_examined"] == {
        "objects_without_the_pixel_stage": 1,
        "objects_by_stages": {"headers": 1},
        "objects_refused": {"objects cannot be rewritten (ValueError)": 2},
    }
    assert statement["burned_in_text"]["worst_condition"] == "256 x 256, size 6"  # type: ignore[index]


def test_the_verification_and_the_population_are_stated() -> None:
    statement = make()
    assert statement["verification"] == {
        "objects_by_outcome": {"not_verified": 1},
        "objects_compared_with_their_originals": 0,
        "objects_whose_pixels_were_read_again": 0,
        "objects_whose_texts_a_model_read_again": 0,
        "objects_refused_as_not_clean": {"findings": 3},
    }
    population = statement["disclosure_risk"]["population"]  # type: ignore[index]
    assert population["catalog_patients"] == 5 and population["unique_in_catalog"] == 0


def test_levels_are_stated_in_words() -> None:
    statement = make({"patient_age": 1, "patient_sex": 1, "modality": 0})
    assert statement["disclosure_risk"]["generalisation"] == {  # type: ignore[index]
        "patient_age": "bands of 5 years, one from 90",
        "patient_sex": "removed",
        "modality": "not generalised",
    }


def test_limits_and_withdrawal_are_stated_and_the_key_is_not() -> None:
    text = json.dumps(make())
    for words in (
        "same pixels",
        "Faces",
        "not an Expert Determination",
        "safelight withdraw",
        "PS3.15 20",
    ):
        assert words in text
    assert (b"\x00" * 32).hex() not in text and "P1" not in text


@pytest.mark.parametrize(
    ("level", "precision", "words"),
    [
        (0, "day", "between the dates, and between the times,"),
        (2, "quarter", "first day of a quarter"),
        (4, "removed", "between the times of day"),
    ],
)
def test_the_sentences_about_dates_follow_from_the_level(
    level: int, precision: str, words: str
) -> None:
    statement = make({"study_date": level})
    assert statement["pseudonyms"]["date_precision"] == precision  # type: ignore[index]
    assert words in json.dumps(statement["limits"])


def test_the_recall_is_stated_with_the_number_of_objects_that_it_is_about() -> None:
    assert make()["burned_in_text"]["objects_whose_pixels_were_read"] == 0  # type: ignore[index]
