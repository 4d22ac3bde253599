"""Tables row by row: CSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.records import Status
from tests.notes.helpers import clean, engine, patient, text_of

HEADER = "patient_id,note_id,name,dob,age,zip,ssn,visit,unknown,note"
ROW = 'P1,N1,Zyxwell,1950-03-04,93,02139,123-45-6789,2020-01-02,31415926,"Zyxwell, by Quimbleton"'


def table_of(data: bytes | None, delimiter: str = ",") -> list[dict[str, str]]:
    assert data is not None
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))


def test_every_column_goes_by_its_rule() -> None:
    result = clean(f"{HEADER}\r\n{ROW}\r\n", "csv")
    (row,) = table_of(result.data)
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


def test_dates_move_by_the_shift_of_the_patient_in_columns_and_in_texts() -> None:
    result = clean(
        "patient_id,visit_date,note\nP1,2020-01-02,Seen 2020-01-02 and 01/09/2020.\n", "csv"
    )
    (row,) = table_of(result.data)
    day = datetime.date(2020, 1, 2) + datetime.timedelta(patient("P1").shift_days)
    week = day + datetime.timedelta(7)
    assert row["visit_date"] == day.isoformat()
    assert row["note"] == f"Seen {day.isoformat()} and {week:%m/%d/%Y}."


def test_rules_without_dates_remove_them_and_rules_that_retain_them_keep_them() -> None:
    data = "patient_id,visit_date,dob\nP1,2020-01-02,1950-01-01\n"
    basic = clean(data, "csv", rules="basic")
    assert table_of(basic.data)[0]["visit_date"] == table_of(basic.data)[0]["dob"] == ""


def test_text_off_removes_text_and_nothing_else() -> None:
    result = clean(f"{HEADER}\n{ROW}\n", "csv", text=False)
    (row,) = table_of(result.data)
    assert row["note"] == "" and row["age"] == "90"


def test_a_row_that_cannot_be_read_is_refused_alone_and_not_quoted() -> None:
    data = f"{HEADER}\n{ROW}\nP2,Zyxwell\n{ROW}\nP3,N3,é,,,,,,,".encode() + b'"\xff"\n'
    result = clean(data, "csv")
    assert [(n.row, n.status) for n in result.notes] == [
        (1, Status.DEIDENTIFIED), (2, Status.QUARANTINED),
        (3, Status.DEIDENTIFIED), (4, Status.QUARANTINED),
    ]  # fmt: skip
    assert "Zyxwell" not in "".join(note.reason for note in result.notes)
    assert len(table_of(result.data)) == 2


@pytest.mark.parametrize(
    "data",
    [
        "",
        "P1,Anna Zyxwell was here\nP2,and here\n",
        "text,48213377\nx,y\n",
        "text,2020-01-02\nx,y\n",
        "text,zyx@mail.test\nx,y\n",
        f"text,{'very ' * 9}long\nx,y\n",
    ],
)
def test_a_table_without_a_header_is_refused(data: str) -> None:
    assert clean(data, "csv").status is Status.QUARANTINED


def test_columns_without_a_name_and_with_the_same_stay_apart() -> None:
    result = clean(",patient_id,note,note,\n0,P1,by Quimbleton,fine,\n", "csv")
    assert text_of(result) == (
        f",patient_id,note,note,\n0,{patient('P1').pseudonym},by [NAME],fine,\n"
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_most_rows_agree_on(delimiter: str) -> None:
    rows = ["patient_id|note|score", 'P1|"one, two; three"|7', "P2|a, b, c|8"]
    text = "\n".join(rows).replace("|", delimiter) + "\n"
    if delimiter == ",":
        text = text.replace("a, b, c", '"a, b, c"')
    (first, second) = table_of(clean(text, "csv").data, delimiter)
    assert (first["note"], second["note"]) == ("one, two; three", "a, b, c")


@pytest.mark.parametrize(
    ("encoding", "written"), [("latin-1", "cp1252"), ("cp1252", "cp1252"), ("utf-16", "utf-8"),
                              ("utf-8-sig", "utf-8")],
)  # fmt: skip
def test_the_encoding_is_told_where_it_can_be(encoding: str, written: str) -> None:
    text = "patient_id,nachname,note\nP1,Größenbach,Herr Größenbach: 5 µg, 30 °C\n"
    text = text.replace("5 µg, 30", "5 µg / 30")
    result = clean(text.encode(encoding), "csv")
    assert result.data is not None
    assert result.data.decode(written).endswith(",Herr [NAME]: 5 µg / 30 °C\n")


@pytest.mark.parametrize(
    "data",
    ["Ма\u0440гарита была здесь".encode("cp1251"), "Małgorzata Śliwińska".encode("iso-8859-2"),
     "José".encode("cp437"), b"\x00\x9d\x81 \xff", "Größe ".encode() + b"\xe9"],
)  # fmt: skip
def test_text_of_an_encoding_that_cannot_be_told_is_refused(data: bytes) -> None:
    assert clean(data * 3, "txt").notes[0].reason_code == "malformed_row"


def test_names_of_members_that_are_data_go_with_what_they_hold() -> None:
    row = {
        "patient_id": "PAT-00917", "patient_name": "Zyxwell", "note": "x",
        "48213377": {"score": 1}, "scores": {"Zyxwell": 3, "zulu": 4, "2020-01-02": 5},
    }  # fmt: skip
    new = json.loads(text_of(clean(json.dumps(row) + "\n", "jsonl")))
    assert list(new) == ["patient_id", "patient_name", "note", "scores"]
    day = datetime.date(2020, 1, 2) + datetime.timedelta(patient("PAT-00917").shift_days)
    assert new["scores"] == {"[NAME]": 3, "zulu": 4, day.isoformat(): 5}


def test_words_and_codes_pass_and_what_has_the_digits_of_an_identifier_does_not() -> None:
    row = {"note_id": "1", "sex": "F 48213377", "status": "final", "snomed": "49049000"}
    row |= {"reference_range": "12-16", "score": 1.23456789}
    new = json.loads(text_of(clean(json.dumps(row) + "\n", "jsonl")))
    assert new["sex"] is None
    assert (new["status"], new["snomed"], new["reference_range"], new["score"]) == (
        "final", "49049000", "12-16", 1.23456789,
    )  # fmt: skip


def test_a_birth_year_of_ninety_years_before_the_run_is_the_oldest_that_is_told() -> None:
    rows = "patient_id,dob\nP1,1920-05-05\nP1,1999-05-05\n"
    someone = engine()
    oldest = datetime.date.today().year - 90
    first, second = table_of(clean(rows, "csv").data)
    assert someone.oldest_birth_year == oldest and first["dob"] == str(oldest)
    born = datetime.date(1999, 5, 5) + datetime.timedelta(patient("P1").shift_days)
    assert second["dob"] == str(born.year)


def test_named_columns_must_be_there_and_win() -> None:
    missing = clean("a,b\n1,2\n", "csv", text_columns=("c",))
    assert (missing.status, missing.reason_code) == (Status.QUARANTINED, "malformed")
    data = "who;what;comment_id\nP1;Quimbleton was here;Quimbleton\n"
    result = clean(
        data, "csv", delimiter=";", patient_column="who", text_columns=("comment_id",),
        columns=(("what", "remove"),),
    )  # fmt: skip
    (row,) = table_of(result.data, ";")
    assert row == {"who": patient("P1").pseudonym, "what": "", "comment_id": "[NAME]"}


def test_the_issuer_tells_patients_apart_as_it_does_in_images() -> None:
    with_column = clean("patient_id,issuer\nP1,HOSP\n", "csv")
    with_option = clean("patient_id\nP1\n", "csv", issuer="hosp")
    assert table_of(with_column.data)[0]["patient_id"] == patient("P1", "HOSP").pseudonym
    assert table_of(with_option.data)[0]["patient_id"] == patient("P1", "HOSP").pseudonym
    assert table_of(with_column.data)[0]["issuer"] == ""
    rules = "extends: research\nname: t\nversion: '1'\nids:\n  issuer: false\n"
    without = clean("patient_id,issuer\nP1,HOSP\n", "csv", rules=rules)
    assert table_of(without.data)[0]["patient_id"] == patient("P1").pseudonym


def test_what_is_kept_is_searched_for_what_is_known_unless_it_is_asked_for_as_it_is() -> None:
    data = "patient_id,name,category,split\nPAT917,Zyxwell,of Zyxwell,of Zyxwell\n"
    (row,) = table_of(clean(data, "csv", columns=(("split", "verbatim"),)).data)
    assert (row["category"], row["split"]) == ("of [NAME]", "of Zyxwell")
    (long,) = table_of(clean(f"category\n{'a text ' * 20}\n", "csv").data)
    assert long["category"] == ""


def test_a_birth_date_is_a_year_also_where_dates_are_kept() -> None:
    rules = "extends: basic\nname: t\nversion: '1'\noptions: [retain_long_full_dates]\n"
    data = "patient_id,visit_date,dob\nP1,2020-01-02,1950-01-01\nP2,Zyxwell,1901-01-01\n"
    rows = table_of(clean(data, "csv", rules=rules).data)
    assert [(row["visit_date"], row["dob"]) for row in rows] == [
        ("2020-01-02", "1950"), ("", "1936"),
    ]  # fmt: skip


def test_rows_that_name_no_patient_share_no_shift() -> None:
    result = clean("note\nseen 2020-01-02\nseen 2020-01-02\n", "csv")
    assert len({note.patient_pseudonym for note in result.notes}) == 2


def test_json_rows_keep_their_types_and_are_searched_inside() -> None:
    row = {
        "mrn": 17, "text": "Oduyaforth came", "n": 5, "big": 31415926, "share": 0.25, "ok": True,
        "none": None, "contact": {"name": "Zyxwell", "email": ["a@b.org"]},
        "list": ["Quimbleton", 3],
    }  # fmt: skip
    result = clean(json.dumps(row) + "\n{\n[1]\n", "jsonl")
    new = json.loads(text_of(result))
    assert new["mrn"] == patient("17").pseudonym
    assert new["text"] == "[NAME] came"
    assert [new[k] for k in ("n", "big", "share", "ok", "none")] == [5, None, 0.25, True, None]
    assert new["contact"]["email"] is None and new["contact"]["name"] != "Zyxwell"
    assert new["list"] == ["[NAME]", 3]
    assert [n.row for n in result.notes if n.status is Status.QUARANTINED] == [2, 3]


@pytest.mark.parametrize("line", ['{"a": 1, "a": 2}', '{"a": NaN}', "[" * 100000, '"x"', "{"])
def test_ambiguous_json_is_refused(line: str) -> None:
    (note,) = clean(line + "\n", "jsonl").notes
    assert note.reason_code == "malformed_row"


def test_parquet_keeps_types_where_the_new_values_allow_it() -> None:
    when = datetime.datetime(2020, 1, 2, 10, 30)
    table = pa.table(
        {
            "patient_id": pa.array([17, 17]), "when": pa.array([when, None]),
            "dob": pa.array([datetime.date(1950, 3, 4)] * 2), "age": pa.array([93.0, 45.0]),
            "wbc": pa.array([4.5, None]), "raw": pa.array([b"Zyxwell", None]),
            "report": pa.array(["Quimbleton 17", "fine"]),
            "stay": pa.array([{"account": 31, "beds": [3]}, None]),
        }
    )  # fmt: skip
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"who": "Zyxwell"}), sink)
    result = clean(sink.getvalue(), "parquet")
    assert result.data is not None and b"Zyxwell" not in result.data
    new = pq.read_table(io.BytesIO(result.data))
    someone = patient("17")
    assert new["patient_id"].to_pylist() == [someone.pseudonym] * 2
    assert new["when"].to_pylist() == [when + datetime.timedelta(someone.shift_days), None]
    assert new.schema.field("dob").type == pa.date32()
    assert new["age"].to_pylist() == [90.0, 45.0] and new["wbc"].to_pylist() == [4.5, None]
    assert new["raw"].to_pylist() == [None, None]
    stays = new["stay"].to_pylist()
    assert stays[0]["beds"] == [3] and isinstance(stays[0]["account"], str) and stays[1] is None
    assert new["report"].to_pylist() == ["[NAME] 17", "fine"]


def test_what_is_no_parquet_is_refused_without_its_content() -> None:
    result = clean(b"PAR1 Zyxwell", "parquet")
    assert result.status is Status.QUARANTINED and "Zyxwell" not in result.reason


def test_plain_text_belongs_to_nobody_or_to_whom_its_name_says() -> None:
    alone = clean("Quimbleton on 3/4/2020", "txt", "in/P1/a.txt")
    folder = clean("Quimbleton about P1", "txt", "in/P1/a.txt", patient_from="folder")
    name = clean("x y", "txt", "in/P1.txt", patient_from="name")
    assert alone.notes[0].patient_pseudonym != patient("P1").pseudonym
    assert folder.notes[0].patient_pseudonym == patient("P1").pseudonym
    assert name.notes[0].patient_pseudonym == patient("P1").pseudonym
    assert clean(b"caf\xe9\x81", "txt").notes[0].status is Status.QUARANTINED
    assert text_of(clean(b"caf", "txt", encoding="latin-1")) == "caf"


def test_a_model_that_fails_or_was_not_asked_leaves_nothing_behind() -> None:
    from safelight.notes.formats import FilePart

    piece = FilePart(b"note\nQuimbleton\n", "csv", "x")
    broken = engine()
    broken.annotate = lambda texts: 1 / 0  # type: ignore[assignment, return-value]
    assert broken.deidentify(piece).status is Status.QUARANTINED
    (note,) = engine().rebuild(piece, {}).notes
    assert (note.status, note.reason_code) == (Status.QUARANTINED, "text_not_cleaned")


_values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@settings(deadline=None)
@given(st.lists(st.tuples(_values, _values), min_size=1, max_size=5))
def test_kept_columns_pass_as_they_are(values: list[tuple[str, str]]) -> None:
    source = io.StringIO(newline="")
    csv.writer(source).writerows([("state", "country"), *values])
    result = clean(source.getvalue(), "csv", name="x")
    rows: list[Any] = list(csv.reader(io.StringIO(text_of(result), newline="")))
    assert rows[1:] == [list(pair) for pair in values]


def test_parquet_of_any_type_keeps_its_schema() -> None:
    moment = datetime.datetime(2021, 2, 11, 10, 2, 3, tzinfo=datetime.timezone.utc)
    columns = {
        "patient_id": pa.array([48213377, None]),
        "text": pa.array(["by Quimbleton", None], pa.large_string()),
        "seen": pa.array([moment, None], pa.timestamp("us", "UTC")),
        "nanos": pa.array([1613030400123456789, None], pa.timestamp("ns")),
        "scores": pa.array([[1.5], []], pa.list_(pa.float32())),
        "long": pa.array([["Quimbleton"], None], pa.large_list(pa.large_string())),
        "pair": pa.array([[1, 2], None], pa.list_(pa.int32(), 2)),
        "labs": pa.array([[("hb", 3), ("48213377", 1)], None], pa.map_(pa.string(), pa.int32())),
        "words": pa.array([[("a", "Oduyaforth")], []], pa.map_(pa.string(), pa.string())),
        "one": pa.array([{"author": "Quimbleton", "n": 3}, None]),
        "coded": pa.array(["Quimbleton", None]).dictionary_encode(),
        "bytes": pa.array([b"Quimbleton", None]),
        "price": pa.array([decimal.Decimal("1.50"), None]),
        "took": pa.array([datetime.timedelta(1), None]),
        "nothing": pa.nulls(2),
        "at": pa.array([datetime.time(10, 2), None]),
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    result = clean(sink.getvalue(), "parquet")
    assert result.data is not None, result.reason
    table = pq.read_table(io.BytesIO(result.data))
    before = pq.read_schema(io.BytesIO(sink.getvalue()))
    changed = {n for n in before.names if before.field(n).type != table.schema.field(n).type}
    assert changed == {"patient_id"}
    first, second = table.to_pylist()
    assert "Quimbleton" not in str(first) and "Oduyaforth" not in str(first)
    assert (first["scores"], first["pair"], str(first["price"])) == ([1.5], [1, 2], "1.50")
    assert first["labs"] == [("hb", 3)] and first["words"] == [("a", "[NAME]")]
    assert first["bytes"] is first["took"] is None and first["at"] == datetime.time(10, 2)
    assert first["seen"].time() == moment.time() and first["seen"].date() != moment.date()
    assert all(value in (None, []) for value in second.values())
