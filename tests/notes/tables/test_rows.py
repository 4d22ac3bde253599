"""Test that the values of table rows are changed by the rules of their columns."""

from __future__ import annotations

import csv
import datetime
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.records import Status
from tests.notes.helpers import clean, deidentifier, patient, read_csv, text_of

HEADER = "patient_id,note_id,name,dob,age,zip,ssn,visit,unknown,note"
ROW = 'P1,N1,Zyxwell,1950-03-04,93,02139,123-45-6789,2020-01-02,31415926,"Zyxwell, by Quimbleton"'


def test_every_column_is_changed_by_its_rule() -> None:
    result = clean(f"{HEADER}\r\n{ROW}\r\n", "csv")
    (row,) = read_csv(result.data)
    someone = patient("P1")
    birth = datetime.date(1950, 3, 4) + datetime.timedelta(someone.shift_days)
    assert row["patient_id"] == row["name"] == someone.pseudonym
    assert row["note_id"] == result.notes[0].note_id != "N1"
    assert row["dob"] == str(birth.year)
    assert (row["age"], row["zip"], row["ssn"], row["unknown"]) == ("90", "021**", "", "")
    assert row["note"] == "[NAME], by [NAME]"
    assert {(pair.kind, pair.original) for pair in result.mappings} == {
        ("patient_id", "P1"), ("note_id", "N1"), ("name", "Zyxwell"),
    }  # fmt: skip


def test_dates_in_columns_and_texts_have_the_same_shift() -> None:
    result = clean(
        "patient_id,visit_date,note\nP1,2020-01-02,Seen 2020-01-02 and 01/09/2020.\n", "csv"
    )
    (row,) = read_csv(result.data)
    day = datetime.date(2020, 1, 2) + datetime.timedelta(patient("P1").shift_days)
    week = day + datetime.timedelta(7)
    assert row["visit_date"] == day.isoformat()
    assert row["note"] == f"Seen {day.isoformat()} and {week:%m/%d/%Y}."


def test_rules_that_do_not_retain_dates_remove_them() -> None:
    data = "patient_id,visit_date,dob\nP1,2020-01-02,1950-01-01\n"
    basic = clean(data, "csv", rules="basic")
    assert read_csv(basic.data)[0]["visit_date"] == read_csv(basic.data)[0]["dob"] == ""


def test_text_off_removes_only_text() -> None:
    result = clean(f"{HEADER}\n{ROW}\n", "csv", text=False)
    (row,) = read_csv(result.data)
    assert row["note"] == "" and row["age"] == "90"


def test_words_and_codes_are_kept_and_identifiers_are_not() -> None:
    row = {"note_id": "1", "sex": "F 48213377", "status": "final", "snomed": "49049000"}
    row |= {"reference_range": "12-16", "score": 1.23456789}
    new = json.loads(text_of(clean(json.dumps(row) + "\n", "jsonl")))
    assert new["sex"] is None
    assert (new["status"], new["snomed"], new["reference_range"], new["score"]) == (
        "final", "49049000", "12-16", 1.23456789,
    )  # fmt: skip


def test_birth_years_are_at_most_90_years_before_the_run() -> None:
    rows = "patient_id,dob\nP1,1920-05-05\nP1,1999-05-05\n"
    someone = deidentifier()
    oldest = datetime.date.today().year - 90
    first, second = read_csv(clean(rows, "csv").data)
    assert someone.oldest_birth_year == oldest and first["dob"] == str(oldest)
    born = datetime.date(1999, 5, 5) + datetime.timedelta(patient("P1").shift_days)
    assert second["dob"] == str(born.year)


def test_named_columns_override_the_table() -> None:
    missing = clean("a,b\n1,2\n", "csv", text_columns=("c",))
    assert (missing.status, missing.reason_code) == (Status.QUARANTINED, "malformed")
    data = "who;what;comment_id\nP1;Quimbleton was here;Quimbleton\n"
    result = clean(
        data, "csv", delimiter=";", patient_column="who", text_columns=("comment_id",),
        columns=(("what", "remove"),),
    )  # fmt: skip
    (row,) = read_csv(result.data, ";")
    assert row == {"who": patient("P1").pseudonym, "what": "", "comment_id": "[NAME]"}


def test_the_issuer_is_part_of_the_identity_as_in_images() -> None:
    with_column = clean("patient_id,issuer\nP1,HOSP\n", "csv")
    with_option = clean("patient_id\nP1\n", "csv", issuer="hosp")
    assert read_csv(with_column.data)[0]["patient_id"] == patient("P1", "HOSP").pseudonym
    assert read_csv(with_option.data)[0]["patient_id"] == patient("P1", "HOSP").pseudonym
    assert read_csv(with_column.data)[0]["issuer"] == ""
    rules = "extends: research\nname: t\nversion: '1'\nids:\n  issuer: false\n"
    without = clean("patient_id,issuer\nP1,HOSP\n", "csv", rules=rules)
    assert read_csv(without.data)[0]["patient_id"] == patient("P1").pseudonym


def test_known_values_are_replaced_in_kept_columns_but_not_in_verbatim_ones() -> None:
    data = "patient_id,name,category,split\nPAT917,Zyxwell,of Zyxwell,of Zyxwell\n"
    (row,) = read_csv(clean(data, "csv", columns=(("split", "verbatim"),)).data)
    assert (row["category"], row["split"]) == ("of [NAME]", "of Zyxwell")
    (long,) = read_csv(clean(f"category\n{'a text ' * 20}\n", "csv").data)
    assert long["category"] == ""


def test_a_birth_date_becomes_a_year_even_if_dates_are_kept() -> None:
    rules = "extends: basic\nname: t\nversion: '1'\noptions: [retain_long_full_dates]\n"
    data = "patient_id,visit_date,dob\nP1,2020-01-02,1950-01-01\nP2,Zyxwell,1901-01-01\n"
    rows = read_csv(clean(data, "csv", rules=rules).data)
    assert [(row["visit_date"], row["dob"]) for row in rows] == [
        ("2020-01-02", "1950"), ("", "1936"),
    ]  # fmt: skip


def test_rows_without_a_patient_have_different_shifts() -> None:
    result = clean("note\nseen 2020-01-02\nseen 2020-01-02\n", "csv")
    assert len({note.patient_pseudonym for note in result.notes}) == 2


_values = st.lists(st.sampled_from(["Utah", "new", "CT", "-", "3", "/", "Germany"])).map(" ".join)


@settings(deadline=None)
@given(st.lists(st.tuples(_values, _values), min_size=1, max_size=5))
def test_kept_columns_are_unchanged(values: list[tuple[str, str]]) -> None:
    source = io.StringIO(newline="")
    csv.writer(source).writerows([("state", "country"), *values])
    result = clean(source.getvalue(), "csv", name="x")
    rows: list[Any] = list(csv.reader(io.StringIO(text_of(result), newline="")))
    assert rows[1:] == [list(pair) for pair in values]


def test_members_whose_names_are_data_are_removed_or_changed() -> None:
    row = {
        "patient_id": "PAT-00917", "patient_name": "Zyxwell", "note": "x",
        "48213377": {"score": 1}, "scores": {"Zyxwell": 3, "total": 4, "2020-01-02": 5},
    }  # fmt: skip
    new = json.loads(text_of(clean(json.dumps(row) + "\n", "jsonl")))
    assert list(new) == ["patient_id", "patient_name", "note", "scores"]
    day = datetime.date(2020, 1, 2) + datetime.timedelta(patient("PAT-00917").shift_days)
    assert new["scores"] == {"member_1": 3, "total": 4, day.isoformat(): 5}


@pytest.mark.parametrize(
    "name", ["expiry_date", "ManufactureDate", "Date of last calibration date"]
)
def test_dates_of_products_are_removed_where_dates_are_shifted(name: str) -> None:
    (row,) = read_csv(
        clean(f"patient_id,visit_date,{name}\nP1,2020-01-02,2020-01-02\n", "csv").data
    )
    assert row["visit_date"] not in ("", "2020-01-02")
    assert list(row.values())[2] == ""
