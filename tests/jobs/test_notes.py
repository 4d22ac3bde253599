"""The job over notes in folders, with a text model that finds two surnames."""

from __future__ import annotations

import base64
import csv
import datetime
import decimal
import gzip
import io
import json
import os
import re
import shutil
from contextlib import redirect_stderr, redirect_stdout
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
from jobs.common.delta.tables.table_set import Tables
from jobs.common.notes import job, pieces
from jobs.common.notes.job import NotesJob, prepare_notes_run
from jobs.common.notes.plugin import NotesBuilder
from jobs.common.report.counts import count_sections
from jobs.common.run import annotations, file_edits, run_config
from jobs.common.run.annotations import TextModel
from jobs.common.spark.session import lazy_session
from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri
from safelight.headers.patient_identity import make_patient_identity
from safelight.pseudonyms import Pseudonyms
from safelight.rules import load_rules
from tests.jobs.conftest import KEY
from tests.jobs.summaries import parse_summary

CaptureFd = pytest.CaptureFixture[str]

#: Values that only the sources may hold.
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


#: Number of texts of each call of the model.
seen: list[int] = []


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    seen.clear()
    monkeypatch.setattr(run_config, "_load_text_model", lambda: TextModel(fake_annotate, "fake-1"))


def run(place: Path, *more: str) -> int:
    (place / "key.hex").write_text(KEY.hex())
    arguments = ["notes", "--input", f"{place}/in", "--output", f"{place}/out"]
    arguments += ["--tables", f"{place}/tables", "--key", f"file:{place}/key.hex", *more]
    return run_job(arguments)


def run_job(arguments: list[str]) -> int:
    """Run the job over notes in this process and return its exit code."""
    with lazy_session("notes") as spark:
        return NotesJob(prepare_notes_run(build_parser().parse_args(arguments), spark), spark).run()


def summary_of(capfd: CaptureFd) -> dict[str, Any]:
    captured = capfd.readouterr()
    assert not [secret for secret in SECRETS if secret in captured.out + captured.err]
    return parse_summary(captured.out)


def read(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


@dataclass(frozen=True)
class Crashing(NotesBuilder):
    """Build a de-identifier that ends its process on one file, as a decoder may."""

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
    """Return all rows of a table, by another reader than that of the job."""
    found = DeltaTable(f"{place}/tables/{table}").to_pyarrow_table().to_pylist()
    return [Row(**values) for values in found]


def outputs(place: Path, suffix: str) -> list[Path]:
    return sorted((place / "out").rglob(f"*.{suffix}"))


def patient(identity: str) -> Any:
    rules = load_rules("research")
    return Pseudonyms(KEY, "default", rules.shift_range, rules.patient_prefix).patient(
        make_patient_identity(identity)
    )


FHIR_PATIENT = {
    "resourceType": "Patient", "id": "p-1", "birthDate": "1950-03-04",
    "identifier": [{"value": "PAT-00917"}],
    "name": [{"family": "Zyxwell", "given": ["Anna"]}],
    "telecom": [{"value": "617-555-0142"}, {"value": "zyx@mail.test"}],
    "address": [{"line": ["3 Larkspur Way"], "city": "Wexcombe", "state": "MA"}],
}  # fmt: skip
FHIR_TEXT = base64.b64encode(b"Zyxwell was told by Oduyaforth.").decode()
FHIR_DOCUMENT = {
    "resourceType": "DocumentReference", "id": "d-1", "subject": {"reference": "Patient/p-1"},
    "content": [{"attachment": {"contentType": "text/plain", "data": FHIR_TEXT}}],
}  # fmt: skip
HL7 = (
    "MSH|^~\\&|A|B|||20200102||ORU^R01|M1|P|2.5\rPID|1||PAT-00917^^^^MR||Zyxwell^Anna\r"
    "OBX|1|TX|1^R^L||Seen by Quimbleton~with Wexcombe\r"
)


def write_all_formats(source: Path) -> None:
    """Write one or more files of each format, about the same patient."""
    (source / "Zyxwell").mkdir(parents=True)
    (source / "Zyxwell.csv").write_text(NOTES_CSV)
    (source / "Zyxwell" / "Quimbleton.txt").write_text("Quimbleton wrote on 3/4/2020.")
    (source / "picture.bin").write_bytes(b"Zyxwell")
    (source / "Patient.ndjson").write_text(json.dumps(FHIR_PATIENT) + '\n{"id": "Zyxwell\n')
    (source / "Document.ndjson").write_text(json.dumps(FHIR_DOCUMENT) + "\n")
    (source / "feed.hl7").write_text(HL7)
    (source / "more.csv.gz").write_bytes(gzip.compress(b"patient_id,note\nPAT-00917,Quimbleton\n"))
    (source / "letter.xml").write_text(CDA)


@dataclass(frozen=True)
class Finished:
    """A run over all formats: its folder, its output on the terminal and its calls of the model."""

    place: Path
    printed: str
    calls: list[int]

    @property
    def written(self) -> list[Path]:
        return [path for path in (self.place / "out").rglob("*") if path.is_file()]

    @property
    def csv_rows(self) -> list[dict[str, str]]:
        with open(outputs(self.place, "csv")[0], newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def finished(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Run the job over all formats with a table of known values."""
    place = tmp_path_factory.mktemp("formats")
    write_all_formats(place / "in")
    (place / "known.csv").write_text(KNOWN_CSV)
    printed = io.StringIO()
    seen.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_config, "_load_text_model", lambda: TextModel(fake_annotate, "fake-1"))
        with redirect_stdout(printed), redirect_stderr(printed):
            assert run(place, "--known", f"{place}/known.csv") == 0
    return Finished(place, printed.getvalue(), list(seen))


def test_notes_of_all_formats_are_counted(finished: Finished) -> None:
    summary = json.loads(finished.printed.splitlines()[-1])
    counts = {k: summary[k] for k in ("seen", "deidentified", "filtered", "quarantined")}
    assert counts == {"seen": 12, "deidentified": 9, "filtered": 1, "quarantined": 2}
    assert len(finished.written) == 7


def test_nothing_printed_holds_phi(finished: Finished) -> None:
    assert not [secret for secret in SECRETS if secret in finished.printed]


def test_each_distinct_text_is_annotated_once(finished: Finished) -> None:
    assert finished.calls == [8]


def test_no_output_or_name_of_one_holds_phi(finished: Finished) -> None:
    text = "".join(f"{path} {read(path)}" for path in finished.written)
    text = text.replace(str(finished.place), "")
    (attachment,) = (
        json.loads(path.read_text())["content"][0]["attachment"]["data"]
        for path in outputs(finished.place, "jsonl")
        if "DocumentReference" in path.read_text()
    )
    text += base64.b64decode(attachment).decode()
    assert not [secret for secret in SECRETS if secret in text]


def test_a_patient_has_one_pseudonym_in_all_formats(finished: Finished) -> None:
    pseudonym = patient("PAT-00917").pseudonym
    for path in finished.written:
        if path.suffix not in (".txt", ".xml"):
            assert pseudonym in read(path) or "DocumentReference" in read(path), path.suffix
    found = {row.patient_pseudonym for row in rows(finished.place, "notes") if not row.reason_code}
    assert pseudonym in found


def test_a_document_is_in_the_folder_of_its_patient(finished: Finished) -> None:
    (letter,) = outputs(finished.place, "xml")
    assert letter.parent.name == patient("PAT-00917").pseudonym
    assert "EF is 55 %" in letter.read_text()


def test_columns_of_a_csv_file_keep_their_order_and_values(finished: Finished) -> None:
    table = finished.csv_rows
    assert [row["score"] for row in table] == ["7", "8", "9"]
    assert table[0]["report"].startswith("[NAME], seen by [NAME].\nShe lives with [NAME].")


def test_dates_are_shifted_in_columns_and_text(finished: Finished) -> None:
    first, second, _ = finished.csv_rows
    assert first["visit_date"] != "2020-01-02"
    shifted = datetime.date(2020, 1, 12) + datetime.timedelta(patient("PAT-00917").shift_days)
    assert second["visit_date"] == shifted.isoformat()
    assert f"{shifted:%m/%d/%Y}" in second["report"]


def test_a_malformed_row_is_quarantined_alone(finished: Finished) -> None:
    notes = rows(finished.place, "notes")
    refused = sorted((row.reason_code, row.row) for row in notes if row.status == "quarantined")
    assert len(notes) == 11
    assert refused == [("malformed_row", 2), ("malformed_row", 3)]


def test_offsets_of_findings_are_those_in_the_output(finished: Finished) -> None:
    reports = {row["note_id"]: row["report"] for row in finished.csv_rows}
    masked = [
        (reports[finding.note_id][finding.begin : finding.end], f"[{finding.entity}]")
        for finding in rows(finished.place, "notes_findings")
        if finding.field == "report" and finding.action == "mask"
    ]
    assert len(masked) >= 4 and all(found == expected for found, expected in masked)


def test_known_values_and_the_model_find_phi(finished: Finished) -> None:
    assert {row.engine for row in rows(finished.place, "notes_findings")} >= {"known", "ner"}


@pytest.mark.parametrize(
    "table", ["notes", "notes_findings", "note_files", "mapping", "annotations"]
)
def test_no_table_except_sources_holds_phi(finished: Finished, table: str) -> None:
    everything = str(rows(finished.place, table))
    assert not [secret for secret in SECRETS if secret in everything]


def test_a_second_run_skips_all_notes(finished: Finished, capfd: CaptureFd) -> None:
    assert run(finished.place, "--known", f"{finished.place}/known.csv") == 0
    summary = summary_of(capfd)
    assert (summary["deidentified"], summary["skipped"]) == (0, 12)
    assert len(rows(finished.place, "notes")) == 11 and seen == []


def test_a_report_counts_notes_and_files(spark: Any, finished: Finished) -> None:
    tables = Tables(spark, parse_uri(f"{finished.place}/tables"))
    sections = {section.title: section.rows for section in count_sections(tables)}
    assert dict(sections["Notes by outcome"]) == {"deidentified": 9, "quarantined": 2}
    assert ("csv", "deidentified", 2) in sections["Files of notes, by format"]


def verify(finished: Finished, output: Path) -> int:
    """Verify an output against the tables and the originals of the run."""
    arguments = ["verify", "--input", str(output), "--tables", f"{finished.place}/tables"]
    arguments += ["--key", f"file:{finished.place}/key.hex", "--report", f"{output}.csv"]
    return main(arguments)


def test_the_output_is_verified_clean(finished: Finished, capfd: CaptureFd) -> None:
    assert verify(finished, finished.place / "out") == 0
    summary = parse_summary(capfd.readouterr().out)
    assert (summary["note_files_checked"], summary["note_files_compared"]) == (7, 7)


def test_a_changed_output_is_found(finished: Finished, tmp_path: Path) -> None:
    output = tmp_path / "moved"
    shutil.copytree(finished.place / "out", output)
    (letter,) = output.rglob("*.xml")
    letter.write_text(letter.read_text().replace("[NAME]", "Zyxwell"))
    (gone,) = output.rglob("*.hl7")
    gone.unlink()
    (output / "stray.txt").write_text("Dr. Farnsbury")
    assert verify(finished, output) == 1
    with open(f"{output}.csv", newline="") as file:
        found = {(row["check"], row["detail"].split(" in the")[0]) for row in csv.DictReader(file)}
    assert found >= {
        ("tables", "differs from its row (SHA-256)"),
        ("tables", "has a row, but is missing"),
        ("tables", "has no row in `instances` or `note_files`"),
        ("leak", "has the value of family of the original (names)"),
    }
    assert "Zyxwell" not in Path(f"{output}.csv").read_text()


def test_a_piece_that_crashes_its_process_is_quarantined_alone(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: CaptureFd,
) -> None:  # fmt: skip
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("fine")
    (tmp_path / "in" / "b.txt").write_text("crash")
    monkeypatch.setattr(job, "NotesBuilder", Crashing)
    assert run(tmp_path) == 0
    summary = summary_of(capfd)
    assert (summary["deidentified"], summary["quarantined"]) == (1, 1)
    assert {row.reason_code for row in rows(tmp_path, "note_files")} == {
        "", "decoder_crash",
    }  # fmt: skip


def test_the_next_run_finishes_a_run_that_died_before_its_last_commit(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: CaptureFd,
) -> None:  # fmt: skip
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(NOTES_CSV)
    commit = Tables.commit_files

    def die(self: Tables, table: str, *arguments: Any) -> None:
        if table == "note_files":
            raise KeyError("Zyxwell")
        commit(self, table, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Tables, "commit_files", die)
        with pytest.raises(JobError, match="KeyError"):
            run(tmp_path)
    (half,) = outputs(tmp_path, "csv")
    half.write_text("half")
    assert run(tmp_path) == 0
    assert summary_of(capfd)["deidentified"] == 3
    assert len(rows(tmp_path, "notes")) == 4
    assert len(rows(tmp_path, "sources")) == 1
    pairs = rows(tmp_path, "mapping")
    keys = {(p.kind, p.original_hmac, p.pseudonym, p.patient_pseudonym) for p in pairs}
    assert len(keys) == len(pairs)
    assert half.read_text().startswith("patient_id,")
    # Under other options, the existing output is not overwritten.
    before = half.read_bytes()
    with pytest.raises(UsageError, match="other options of columns"):
        run(tmp_path, "--column", "score=remove")
    assert half.read_bytes() == before


def test_large_files_are_processed_in_pieces(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 4096)
    monkeypatch.setattr(file_edits, "DRIVER_MAX_ROWS", 0)  # too many for the driver
    monkeypatch.setattr(annotations, "SHARED_MAX_TEXTS", 0)
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


def test_each_version_of_a_delta_table_becomes_a_version_of_the_output(
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
    assert len(rows(tmp_path, "notes")) == 3  # only the added row was processed
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


def test_withdrawn_notes_are_removed_from_a_delta_table(
    spark: Any, tmp_path: Path, capfd: CaptureFd
) -> None:
    table = str(tmp_path / "in" / "notes")
    columns = "patient_id LONG, seen TIMESTAMP, report STRING, score DECIMAL(4, 2)"
    at, score = datetime.datetime(2020, 1, 2, 10, 30), decimal.Decimal("3.50")
    rows_of = [(1, at, "fine", score), (2, at, "fine", score), (1, None, "better", None)]
    spark.createDataFrame(rows_of, columns).coalesce(1).write.format("delta").save(table)
    assert run(tmp_path, "--input", table) == 0
    again = spark.createDataFrame([(3, at, "well", score)], columns)
    again.write.format("delta").mode("append").save(table)
    assert run(tmp_path, "--input", table) == 0
    (tmp_path / "gone.csv").write_text("patient_id\n1\n")
    withdraw = ["withdraw", "--tables", f"{tmp_path}/tables", "--key", f"file:{tmp_path}/key.hex"]
    withdraw += ["--file", f"{tmp_path}/gone.csv", "--reason", "consent withdrawn"]
    for removed in (2, 0):  # the same command again changes nothing
        assert main(withdraw) == 0
        printed = summary_of(capfd)
        assert (printed["notes"], printed["notes_left"]) == (removed, 0)
        (log,) = (tmp_path / "out").rglob("_delta_log")
        left = spark.read.format("delta").load(str(log.parent)).collect()
        assert {row.patient_id for row in left} == {patient(one).pseudonym for one in "23"}
        assert {row.score for row in left} == {score}
        assert {row.seen - at for row in left} == {
            datetime.timedelta(patient(one).shift_days) for one in "23"
        }
    # The rows are in no file of an earlier version either.
    files = [path for path in log.parent.glob("*.parquet")]
    assert sum(pq.read_metadata(path).num_rows for path in files) == 2


def test_files_and_tables_on_s3(
    spark_on_s3: Any, bucket: str, tmp_path: Path, capfd: CaptureFd
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
    assert run_job(arguments) == 0
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
def test_wrong_arguments_are_refused_before_the_run(
    tmp_path: Path, more: list[str], about: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(NOTES_CSV)
    with pytest.raises(UsageError, match=about):
        run(tmp_path, *more)
