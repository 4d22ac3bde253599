"""The notes job over folders, with a text model that knows two surnames."""

from __future__ import annotations

import base64
import csv
import datetime
import gzip
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from pyspark.sql import Row

from jobs.cli import build_parser, main
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.table_set import Tables
from jobs.common.notes import batches, job, pieces
from jobs.common.notes.job import NotesJob, prepare_notes_run
from jobs.common.notes.tasks import NotesBuilder
from jobs.common.report.counts import count_sections
from jobs.common.run import run_config
from jobs.common.run.annotations import TextModel
from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri
from safelight.headers.patient_identity import make_patient_identity
from safelight.pseudonyms import Pseudonyms
from safelight.rules import load_rules
from tests.jobs.conftest import KEY

#: Every value that may stand nowhere but in the sources.
SECRETS = (
    "Zyxwell", "Quimbleton", "Oduyaforth", "Farnsbury", "1950-03-04", "PAT-00917", "617-555-0142",
    "Wexcombe", "3 Larkspur", "zyx@mail",
)  # fmt: skip

NOTES_CSV = """patient_id,note_id,patient_name,dob,visit_date,score,report
PAT-00917,N1,"Zyxwell, Anna",1950-03-04,2020-01-02,7,"Anna Zyxwell, seen by Quimbleton.
She lives with Farnsbury."
PAT-00917,N2,"Zyxwell, Anna",1950-03-04,2020-01-12,8,Ms Zyxwell came back on 01/12/2020.
PAT-00917,N3,short
P2,N4,Oduyaforth,1980-01-01,2020-02-02,9,Nothing to report.
"""
CDA = """<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole>
<id root="1.2.3" extension="PAT-00917"/><patient><name><given>Anna</given><family>Zyxwell</family>
</name></patient></patientRole></recordTarget><component><section><text>Zyx<content>well</content>
told Quimbleton that EF is 55 %.</text></section></component></ClinicalDocument>"""
KNOWN_CSV = """patient_id,relative,phone
PAT-00917,Farnsbury,617-555-0142
PAT-00917,Wexcombe,
"""


def fake_annotate(spark: Any, texts: Any) -> Any:
    from pyspark.sql import functions as F

    from nlp_pipelines.annotate import SPANS_TYPE

    seen.append(texts.count())

    def find(text: str) -> list[tuple[int, int, str, str, float, str]]:
        found = re.finditer("Quimbleton|Oduyaforth", text)
        return [(m.start(), m.end(), "NAME", "ner", 0.9, "") for m in found]

    return texts.select("text_id", F.udf(find, SPANS_TYPE)("text").alias("spans"))


#: How many texts each call of the model was given.
seen: list[int] = []


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    seen.clear()
    monkeypatch.setattr(run_config, "_load_text_model", lambda: TextModel(fake_annotate, "fake-1"))


def run(place: Path, *more: str) -> int:
    (place / "key.hex").write_text(KEY.hex())
    arguments = ["notes", "--input", f"{place}/in", "--output", f"{place}/out"]
    arguments += ["--tables", f"{place}/tables", "--key", f"file:{place}/key.hex", *more]
    return NotesJob(prepare_notes_run(build_parser().parse_args(arguments))).run()


def summary_of(capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    captured = capfd.readouterr()
    assert not [secret for secret in SECRETS if secret in captured.out + captured.err]
    return dict(json.loads(captured.out.splitlines()[-1]))


def read(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


@dataclass(frozen=True)
class Crashing(NotesBuilder):
    """Makes an engine that faults on one file, as a decoder may."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        made = super().__call__(*args, **kwargs)
        rebuild = made.rebuild

        def faults(piece: Any, *more: Any) -> Any:
            if piece.data == b"crash":
                os._exit(139)
            return rebuild(piece, *more)

        made.rebuild = faults
        return made


def rows(place: Path, table: str) -> list[Row]:
    """All rows of a table, by another reader than the job's."""
    found = DeltaTable(f"{place}/tables/{table}").to_pyarrow_table().to_pylist()
    return [Row(**values) for values in found]


def outputs(place: Path, suffix: str) -> list[Path]:
    return sorted((place / "out").rglob(f"*.{suffix}"))


def patient(identity: str) -> Any:
    rules = load_rules("research")
    return Pseudonyms(KEY, "default", rules.shift_range, rules.patient_prefix).patient(
        make_patient_identity(identity)
    )


def test_formats_patients_and_known_values_through_one_run_and_nothing_left_for_a_second(
    spark: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in"
    (source / "Zyxwell").mkdir(parents=True)
    (source / "Zyxwell.csv").write_text(NOTES_CSV)
    (source / "Zyxwell" / "Quimbleton.txt").write_text("Quimbleton wrote on 3/4/2020.")
    (source / "picture.bin").write_bytes(b"Zyxwell")
    patient_resource = {
        "resourceType": "Patient", "id": "p-1", "birthDate": "1950-03-04",
        "identifier": [{"value": "PAT-00917"}],
        "name": [{"family": "Zyxwell", "given": ["Anna"]}],
        "telecom": [{"value": "617-555-0142"}, {"value": "zyx@mail.test"}],
        "address": [{"line": ["3 Larkspur Way"], "city": "Wexcombe", "state": "MA"}],
    }  # fmt: skip
    data = base64.b64encode(b"Zyxwell was told by Oduyaforth.").decode()
    document = {
        "resourceType": "DocumentReference", "id": "d-1", "subject": {"reference": "Patient/p-1"},
        "content": [{"attachment": {"contentType": "text/plain", "data": data}}],
    }  # fmt: skip
    (source / "Patient.ndjson").write_text(json.dumps(patient_resource) + '\n{"id": "Zyxwell\n')
    (source / "Document.ndjson").write_text(json.dumps(document) + "\n")
    hl7 = (
        "MSH|^~\\&|A|B|||20200102||ORU^R01|M1|P|2.5\rPID|1||PAT-00917^^^^MR||Zyxwell^Anna\r"
        "OBX|1|TX|1^R^L||Seen by Quimbleton~with Wexcombe\r"
    )
    (source / "feed.hl7").write_text(hl7)
    (source / "more.csv.gz").write_bytes(gzip.compress(b"patient_id,note\nPAT-00917,Quimbleton\n"))
    (source / "letter.xml").write_text(CDA)
    known = tmp_path / "known.csv"
    known.write_text(KNOWN_CSV)

    assert run(tmp_path, "--known", str(known)) == 0
    summary = summary_of(capfd)
    counts = {k: summary[k] for k in ("seen", "deidentified", "filtered", "quarantined")}
    assert counts == {"seen": 12, "deidentified": 9, "filtered": 1, "quarantined": 2}
    assert seen == [8]

    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(written) == 7
    text = "".join(f"{path} {read(path)}" for path in written)
    (attachment,) = (
        json.loads(path.read_text())["content"][0]["attachment"]["data"]
        for path in outputs(tmp_path, "jsonl")
        if "DocumentReference" in path.read_text()
    )
    text = text.replace(str(tmp_path), "") + base64.b64decode(attachment).decode()
    assert not [secret for secret in SECRETS if secret in text]
    pseudonym = patient("PAT-00917").pseudonym
    for path in written:
        if path.suffix not in (".txt", ".xml"):
            assert pseudonym in read(path) or "DocumentReference" in read(path), path.suffix
    (letter,) = outputs(tmp_path, "xml")
    assert letter.parent.name == pseudonym and "EF is 55 %" in letter.read_text()

    with open(outputs(tmp_path, "csv")[0], newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["score"] for row in table] == ["7", "8", "9"]
    assert table[0]["report"].startswith("[NAME], seen by [NAME].\nShe lives with [NAME].")
    days = [row["visit_date"] for row in table[:2]]
    assert days[0] != "2020-01-02" and days[1] in table[1]["report"] or "/" in table[1]["report"]

    notes = rows(tmp_path, "notes")
    assert len(notes) == 11
    refused = sorted((row.reason_code, row.row) for row in notes if row.status == "quarantined")
    assert refused == [("malformed_row", 2), ("malformed_row", 3)]
    findings = rows(tmp_path, "notes_findings")
    reports = {row["note_id"]: row["report"] for row in table}
    checked = 0
    for finding in findings:
        if finding.field == "report" and finding.action == "mask":
            replaced = reports[finding.note_id][finding.begin : finding.end]
            assert replaced == f"[{finding.entity}]"
            checked += 1
    assert checked >= 4
    assert {row.engine for row in findings} >= {"known", "ner"}
    everything = "".join(
        str(rows(tmp_path, name))
        for name in ("notes", "notes_findings", "note_files", "mapping", "annotations")
    )
    assert not [secret for secret in SECRETS if secret in everything]
    assert {row.patient_pseudonym for row in notes if row.reason_code == ""} >= {pseudonym}

    assert run(tmp_path, "--known", str(known)) == 0
    again = summary_of(capfd)
    assert (again["deidentified"], again["skipped"]) == (0, 12)
    assert len(rows(tmp_path, "notes")) == 11 and seen == [8]

    tables = Tables(spark, parse_uri(f"{tmp_path}/tables"))
    sections = {section.title: section.rows for section in count_sections(tables)}
    assert dict(sections["Notes by outcome"]) == {"deidentified": 9, "quarantined": 2}
    assert ("csv", "deidentified", 2) in sections["Files of notes, by format"]

    key = f"file:{tmp_path}/key.hex"
    arguments = ["verify", "--input", f"{tmp_path}/out", "--tables", f"{tmp_path}/tables"]
    arguments += ["--report", f"{tmp_path}/report.csv"]
    assert main([*arguments, "--key", key]) == 0
    checked = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (checked["note_files_checked"], checked["note_files_compared"]) == (7, 7)
    letter.write_text(letter.read_text().replace("[NAME]", "Zyxwell"))
    (gone,) = outputs(tmp_path, "hl7")
    gone.unlink()
    (tmp_path / "out" / "stray.txt").write_text("Dr. Farnsbury")
    assert main([*arguments, "--key", key]) == 1
    with open(tmp_path / "report.csv", newline="") as file:
        told = {(row["check"], row["detail"].split(" in the")[0]) for row in csv.DictReader(file)}
    assert told >= {
        ("tables", "differs from its row (SHA-256)"),
        ("tables", "has a row, but is missing"),
        ("tables", "has no row in `instances` or `note_files`"),
        ("leak", "has the value of family of the original (names)"),
    }
    assert "Zyxwell" not in (tmp_path / "report.csv").read_text()


def test_a_piece_that_ends_its_process_is_quarantined_alone(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("fine")
    (tmp_path / "in" / "b.txt").write_text("crash")
    monkeypatch.setattr(job, "NotesBuilder", Crashing)
    assert run(tmp_path) == 0
    summary = summary_of(capfd)
    assert (summary["deidentified"], summary["quarantined"]) == (1, 1)
    assert {row.reason_code for row in rows(tmp_path, "note_files")} == {
        "", "internal_error",
    }  # fmt: skip


def test_a_run_that_dies_before_its_last_commit_is_finished_by_the_next(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(NOTES_CSV)
    append = Tables.append_records

    def dies(self: Tables, table: str, rows: Any) -> None:
        if table == "note_files":
            raise KeyError("Zyxwell")
        append(self, table, rows)

    with monkeypatch.context() as patch:
        patch.setattr(Tables, "append_records", dies)
        with pytest.raises(JobError, match="KeyError"):
            run(tmp_path)
    (half,) = outputs(tmp_path, "csv")
    half.write_text("half")
    assert run(tmp_path) == 0
    assert summary_of(capfd)["deidentified"] == 3
    assert len(rows(tmp_path, "notes")) == 4
    assert len(rows(tmp_path, "sources")) == 1
    pairs = rows(tmp_path, "mapping")
    assert len({(p.kind, p.original_hmac) for p in pairs}) == len(pairs)
    assert half.read_text().startswith("patient_id,")
    # Other options are another way of doing it: what stands there is not written over.
    before = half.read_bytes()
    assert run(tmp_path, "--column", "score=remove") == 0
    assert summary_of(capfd)["quarantined"] == 1 and half.read_bytes() == before


def test_large_files_are_worked_on_in_pieces(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 4096)
    monkeypatch.setattr(batches, "DRIVER_MAX_ROWS", 0)  # too many for the driver
    (tmp_path / "in").mkdir()
    numbers = range(300)
    lines = [f'P{n},"line one of {n}\nby ""Quimbleton"" number {n}",{n}' for n in numbers]
    (tmp_path / "in" / "a.csv").write_text("\n".join(["patient_id,note,n", *lines]) + "\n")
    column = pa.array([f"Oduyaforth {n}" for n in numbers])
    table = pa.table({"mrn": pa.array([f"P{n}" for n in numbers]), "text": column, "n": numbers})
    pq.write_table(table, tmp_path / "in" / "b.parquet", row_group_size=50, compression="none")
    assert run(tmp_path) == 0
    parts = outputs(tmp_path, "csv")
    assert len(parts) > 3
    found = []
    for part in parts:
        with open(part, newline="") as file:
            found += list(csv.DictReader(file))
    assert [int(row["n"]) for row in found] == list(numbers)
    assert found[7]["note"] == 'line one of 7\nby "[NAME]" number 7'
    assert [row["patient_id"] for row in found[:2]] == [
        patient("P0").pseudonym, patient("P1").pseudonym,
    ]  # fmt: skip
    parts = [pq.read_table(name) for name in outputs(tmp_path, "parquet")]
    assert len(parts) > 1
    joined = pa.concat_tables(parts)
    assert joined["n"].to_pylist() == list(numbers)
    assert joined["text"][3].as_py() == "[NAME] 3"
    numbered = [(row.source_id, row.row) for row in rows(tmp_path, "notes")]
    assert len(set(numbered)) == len(numbered) == 600


def test_a_delta_table_becomes_one_again_at_each_of_its_versions(
    spark: Any, tmp_path: Path
) -> None:
    table = str(tmp_path / "in" / "notes")
    columns = "patient_id LONG, seen DATE, report STRING, score INT"
    day = datetime.date(2020, 1, 2)
    first = [(1, day, "Quimbleton was here", 3), (2, day, "fine", 4)]
    writer = spark.createDataFrame(first, columns).write.format("delta").partitionBy("score")
    writer.save(table)
    arguments = ("--input", table)
    assert run(tmp_path, *arguments) == 0
    spark.createDataFrame([(3, day, "Oduyaforth", 3)], columns).write.format("delta").mode(
        "append"
    ).partitionBy("score").save(table)
    assert run(tmp_path, *arguments) == 0
    assert len(rows(tmp_path, "notes")) == 3  # only what was added was done
    (written,) = [path.parent for path in (tmp_path / "out").rglob("_delta_log")]
    assert spark.read.format("delta").load(str(written)).count() == 3
    spark.sql(f"DELETE FROM delta.`{table}` WHERE patient_id = 2")
    assert run(tmp_path, *arguments) == 0
    assert run(tmp_path, *arguments) == 0
    (written,) = [path.parent for path in (tmp_path / "out").rglob("_delta_log")]
    result = spark.read.format("delta").load(str(written)).collect()
    assert {(row.patient_id, row.report, row.score) for row in result} == {
        (patient("1").pseudonym, "[NAME] was here", 3), (patient("3").pseudonym, "[NAME]", 3),
    }  # fmt: skip
    moved = {row.patient_id: row.seen for row in result}
    days = datetime.timedelta(patient("1").shift_days)
    assert moved[patient("1").pseudonym] == day + days
    assert len(rows(tmp_path, "notes")) == 5
    assert not list((tmp_path / "out").rglob(".parts/*"))
    check = ["verify", "--input", f"{tmp_path}/out", "--tables", f"{tmp_path}/tables"]
    assert main(check) == 0
    with pytest.raises(UsageError, match="name the table itself"):
        run(tmp_path)


def test_files_and_tables_on_s3(
    spark_on_s3: Any, bucket: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place = f"s3://{bucket}"
    s3_client.get_client().put_object(Bucket=bucket, Key="in/Zyxwell.csv", Body=NOTES_CSV.encode())
    s3_client.get_client().put_object(Bucket=bucket, Key="known.csv", Body=KNOWN_CSV.encode())
    table = spark_on_s3.createDataFrame([("PAT-00917", "Oduyaforth")], "mrn STRING, text STRING")
    table.write.format("delta").save(f"{place}/table")
    (tmp_path / "key.hex").write_text(KEY.hex())
    arguments = ["notes", "--input", f"{place}/in", f"{place}/table", "--output", f"{place}/out"]
    arguments += ["--tables", f"{place}/tables", "--known", f"{place}/known.csv"]
    arguments += ["--key", f"file:{tmp_path}/key.hex"]
    assert NotesJob(prepare_notes_run(build_parser().parse_args(arguments))).run() == 0
    assert summary_of(capfd)["deidentified"] == 4
    listed = s3_client.get_client().list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]
    keys = [entry["Key"] for entry in listed]
    assert not [key for key in keys if "/.parts/" in key or "Zyxwell" in key]
    (log,) = {key.rpartition("/_delta_log/")[0] for key in keys if "/_delta_log/" in key}
    (row,) = spark_on_s3.read.format("delta").load(f"s3://{bucket}/{log}").collect()
    assert tuple(row) == (patient("PAT-00917").pseudonym, "[NAME]")
    (key,) = [key for key in keys if key.endswith(".csv")]
    body = s3_client.get_client().get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert not [secret for secret in SECRETS if secret in body]
    assert "She lives with [NAME]" in body


@pytest.mark.parametrize(
    ("more", "about"),
    [
        (["--column", "score=destroy"], "destroy"),
        (["--column", "score"], "NAME=ACTION"),
        (["--delimiter", ";;"], "one character"),
        (["--encoding", "klingon"], "klingon"),
    ],
)
def test_wrong_arguments_are_told_before_anything_starts(
    tmp_path: Path, more: list[str], about: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(NOTES_CSV)
    with pytest.raises(UsageError, match=about):
        run(tmp_path, *more)
