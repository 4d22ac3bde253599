from __future__ import annotations

from datetime import date

import pytest

from jobs.common.export.recipient_catalog import make_catalog, parse_age_years
from jobs.common.export.recipient_copying import ReleasedObject, SelectedObject


def released(**attributes: str) -> ReleasedObject:
    selected = SelectedObject("r1", "s1", "default", "P", "1.2", "u", "h", "headers", 1)
    return ReleasedObject(selected, "a.dcm", "h2", 2, "2.1", "2.2", "2.3", "Q", attributes, ())


def test_values_have_the_types_of_their_columns() -> None:
    [row] = make_catalog(
        "n1",
        [released(study_date="20200102", patient_age="018M", slice_thickness="2.5", rows="512",
                  modality="CT", series_date="2020", series_number="x")],
    ).to_pylist()  # fmt: skip
    assert row["study_date"] == date(2020, 1, 2)
    assert (row["patient_age_years"], row["slice_thickness"], row["rows"]) == (1.5, 2.5, 512)
    assert row["series_date"] is row["series_number"] is None
    assert (row["patient_id"], row["modality"], row["bytes"]) == ("Q", "CT", 2)


@pytest.mark.parametrize(
    ("text", "years"), [("047Y", 47.0), ("052W", 1.0), ("", None), ("old", None), ("5X", None)]
)
def test_ages_in_years(text: str, years: float | None) -> None:
    assert parse_age_years(text) == years
