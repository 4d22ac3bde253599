from __future__ import annotations

from datetime import date
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.headers.catalog_types import (
    TYPED_COLUMNS,
    parse_age_years,
    parse_day,
    parse_number,
    type_values,
)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_date_is_read_back(day: date) -> None:
    assert parse_day(f"{day:%Y%m%d}") == parse_day(f"{day:%Y.%m.%d}") == day


@pytest.mark.parametrize(
    "text", ["", "2026", "20260230", "2026.02.30", "2026.1.1", "202601", "2026 1 1"]
)
def test_an_invalid_date_is_none(text: str) -> None:
    assert parse_day(text) is None


@pytest.mark.parametrize(
    ("text", "years"),
    [("045Y", 45.0), ("006M", 0.5), ("026W", 0.5), ("073D", 0.2), ("45", None), ("45Y", None)],
)
def test_an_age_is_in_years(text: str, years: Optional[float]) -> None:
    assert parse_age_years(text) == years


@pytest.mark.parametrize("text", ["", "nan", "inf", "1e999", "a", "1\\2"])
def test_what_is_not_a_number_is_none(text: str) -> None:
    assert parse_number(text) is None


def test_pixel_spacing_is_that_of_rows_then_columns() -> None:
    row = dict.fromkeys(source for source, _ in TYPED_COLUMNS.values())
    typed = type_values(row | {"pixel_spacing": "0.5\\0.75"})
    assert (typed["row_spacing_mm"], typed["column_spacing_mm"]) == (0.5, 0.75)
    assert type_values(row) == dict.fromkeys(TYPED_COLUMNS)
