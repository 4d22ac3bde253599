"""All dates in the notes of one patient are read alike, and move by one number of days."""

from __future__ import annotations

import csv
import datetime
import io
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.notes.date_hints import DateCollector, DateHintTable
from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.text.dates.hints import DateHints
from tests.notes.helpers import clean, read_csv

DATE = FieldRule(FieldOp.DATE)
NOTE = FieldRule(FieldOp.TEXT)


def shift_notes(notes: list[tuple[str, str]]) -> list[str]:
    """Return the de-identified notes of a file with columns for the patient and the note."""
    file = io.StringIO()
    csv.writer(file).writerows([("patient_id", "note"), *notes])
    rows = read_csv(clean(file.getvalue(), "csv").data)
    return [row["note"] for row in rows]


@given(
    st.lists(
        st.dates(datetime.date(2015, 1, 1), datetime.date(2024, 12, 31)), min_size=2, max_size=5
    ),
    st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_all_dates_of_a_patient_move_by_one_number_of_days(
    dates: list[datetime.date], is_day_first: bool
) -> None:
    form = "%d/%m/%Y" if is_day_first else "%m/%d/%Y"
    dates = [dates[0].replace(day=13 + dates[0].day % 14), *dates[1:]]  # shows the order
    new = shift_notes([("P1", f"Seen on {date.strftime(form)}.") for date in dates])
    found = [re.search(r"\d\d/\d\d/\d{4}", note) for note in new]
    moved = [datetime.datetime.strptime(one[0], form).date() for one in found if one]
    assert len(moved) == len(dates)
    assert len({after - before for before, after in zip(dates, moved, strict=True)}) == 1


def test_patient_without_evidence_follows_the_other_notes_of_the_file() -> None:
    table = DateHintTable()
    for row, identity, text in ((0, "A", "on 13/04/2020"), (1, "B", "on 03/04/2020")):
        collector = DateCollector({})
        collector.visit_text([text], ["note"])
        table.add(row, identity, collector)
    assert table.find(1, "B") == DateHints(True)


def test_orders_that_contradict_each_other_decide_nothing() -> None:
    table = DateHintTable()
    for row, text in enumerate(("on 13/04/2020", "on 04/13/2020", "on 03/04/2020")):
        collector = DateCollector({})
        collector.visit_text([text], ["note"])
        table.add(row, "A", collector)
    assert table.find(2, "A") == DateHints()


def test_first_complete_date_of_the_fields_is_the_date_of_the_record() -> None:
    table, collector = DateHintTable(), DateCollector({})
    for value in ("2020", "20200131101500", "2021-02-03T10:00:00Z"):
        assert collector.visit_value(DATE, value, "date") == value
    table.add(0, "A", collector)
    assert table.find(0, "A").reference == datetime.date(2020, 1, 31)
    assert table.find(1, "A").reference is None


def test_values_and_texts_stay() -> None:
    collector = DateCollector({})
    assert collector.visit_value(NOTE, "on 13/04/2020", "note") == "on 13/04/2020"
    assert collector.visit_text(["a", "b"], ["x", "y"]) == ["a", "b"]
    assert collector.visit_document(b"", "application/pdf", "z") is None
