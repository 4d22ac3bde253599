"""Test that the dates of a patient keep their order and intervals across files and runs.

Images and notes of one patient come in two folders, which two runs process. Each profile that
retains longitudinal information moves all dates of the patient by one number of days.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from safelight import Deidentifier, FilePart, NotesDeidentifier
from safelight.records import Span
from tests.headers.objects import make_code, make_object, method_codes, read, to_bytes
from tests.notes.helpers import read_csv

KEY = bytes(range(32))
EXAMPLES = Path(__file__).parents[1] / "conf" / "rules" / "examples"
#: Codes of the options that retain longitudinal information (CID 7050).
LONGITUDINAL = {"113106", "113107"}
#: Rules with one of these options.
RULES = [
    "research",
    str(EXAMPLES / "vendor-debugging.yaml"),
    str(EXAMPLES / "hipaa-limited-data-set.yaml"),
]
PATIENTS = ["A-1001", "A-1002"]
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

#: Dates around leap days and turns of the year among others. The constant dates of 1900 and 1970
#: are not moved.
days = st.dates(datetime.date(1990, 2, 1), datetime.date(2024, 12, 31)) | st.sampled_from(
    [datetime.date(2000, 2, 29), datetime.date(2020, 2, 29), datetime.date(2019, 12, 31)]
)


def find_dates(texts: Sequence[str]) -> list[list[Span]]:
    """Annotate texts as a text model that finds dates only."""
    return [
        [Span(*match.span(), "DATE", "regex", 1.0) for match in ISO_DATE.finditer(text)]
        for text in texts
    ]


def make_report(patient: str, day: datetime.date, number: int) -> Dataset:
    """Return an object with the same day in each kind of place."""
    date, item = f"{day:%Y%m%d}", Dataset()
    item.ValueType, item.ConceptNameCodeSequence = "DATE", [make_code("1", "99A", "Date")]
    item.Date = date
    return make_object(
        PatientID=patient, SOPInstanceUID=f"1.2.3.{number}", Modality="US", StudyDate=date,
        SeriesDate=date, ContentDate=[date, date], AcquisitionDateTime=f"{date}235959.5+1400",
        FrameReferenceDateTime=f"{date}000001-1200", ContentSequence=[item],
        ImageComments=f"compared on {day}",
    )  # fmt: skip


def measure_shifts_of_image(
    rules: str, patient: str, day: datetime.date, number: int
) -> set[datetime.timedelta]:
    """Return the differences of the dates of an object that a run of its own writes."""
    deidentifier = Deidentifier(rules, key=KEY, pixels=False, annotate=find_dates)
    result = deidentifier.deidentify(to_bytes(make_report(patient, day, number)))
    ds = read(result.data)
    assert method_codes(ds) & LONGITUDINAL
    assert len(ds.ContentDate) == 2 and "Date" in ds.ContentSequence[0]
    values = [ds.StudyDate, ds.SeriesDate, *ds.ContentDate, ds.AcquisitionDateTime,
              ds.FrameReferenceDateTime, ds.ContentSequence[0].Date]  # fmt: skip
    moved = {datetime.datetime.strptime(str(value)[:8], "%Y%m%d").date() for value in values}
    moved |= set(map(datetime.date.fromisoformat, ISO_DATE.findall(ds.ImageComments)))
    assert ISO_DATE.search(ds.ImageComments)
    return {one - day for one in moved}


def measure_shifts_of_notes(
    rules: str, patient: str, dates: Sequence[datetime.date]
) -> set[datetime.timedelta]:
    """Return the differences of the dates of notes, one for each date, that a run writes."""
    rows = "".join(f"{patient},{day},seen on {day}\n" for day in dates)
    part = FilePart(f"patient_id,note_date,text\n{rows}".encode(), "csv", "notes.csv")
    result = NotesDeidentifier(rules, key=KEY, annotate=find_dates).deidentify(part)
    written = [row["note_date"] + " " + row["text"] for row in read_csv(result.data)]
    return {
        datetime.date.fromisoformat(text) - day
        for row, day in zip(written, dates, strict=True)
        for text in _two_dates(row)
    }


def _two_dates(row: str) -> list[str]:
    found = ISO_DATE.findall(row)
    assert len(found) == 2, row
    return found


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: Path(rules).stem)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=days, second=days, patient=st.sampled_from(PATIENTS))
def test_all_dates_of_a_patient_move_by_one_number_of_days(
    rules: str, first: datetime.date, second: datetime.date, patient: str
) -> None:
    shifts = measure_shifts_of_image(rules, patient, first, 1)
    shifts |= measure_shifts_of_image(rules, patient, second, 2)
    shifts |= measure_shifts_of_notes(rules, patient, [first, second])
    assert len(shifts) == 1
