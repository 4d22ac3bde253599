"""The mapping files for the validator of the MIDI-B challenge, without Spark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.cli import main
from jobs.common.access_log.entries import hash_pseudonym
from jobs.common.access_log.log import read_entries
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from jobs.common.storage.location import Location, parse_uri
from safelight.pseudonyms import Pseudonyms
from tests.jobs.conftest import KEY
from tests.jobs.summaries import parse_summary

NAMES = Pseudonyms(KEY)
CIPHER = ValueCipher(NAMES)
PATIENT = "K7Q2M4RZ5WXA3BCD"


def make_pair(kind: str, original: str, pseudonym: str, patient: str = PATIENT) -> MappingRow:
    context = ValueContext(kind, NAMES.hexdigest(f"mapping/{kind}", original), pseudonym, patient)
    return MappingRow(
        "r1", 0, "default", kind, CIPHER.encrypt(context, original), context.original_hmac,
        pseudonym, patient, NAMES.key_id,
    )  # fmt: skip


PAIRS = [
    make_pair("study_uid", "1.2.1", "2.25.31"),
    make_pair("series_uid", "1.2.2", "2.25.12"),
    make_pair("sop_uid", "1.2.3", "2.25.23"),
    make_pair("uid", "1.2.4", "2.25.14"),
    make_pair("uid", "1.2.3", "2.25.23"),  # a reference to an instance of the same run
    make_pair("name", "DOE^JANE", "NAME"),
    make_pair("patient_id", "12345, 6", PATIENT),
]
UID_LINES = ["id_old,id_new", "1.2.4,2.25.14", "1.2.2,2.25.12", "1.2.3,2.25.23", "1.2.1,2.25.31"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_pairs(tmp_path, PAIRS)
    return tmp_path


def write_pairs(place: Path, pairs: list[MappingRow]) -> None:
    folders = [parse_uri(str(place / name)) for name in ("tables", "restricted")]
    Tables(lambda: pytest.fail("Spark was started"), *folders).append_rows(pairs)


def midi_b(place: Path, key_file: str, *more: str) -> int:
    given = [f"--tables={place / 'tables'}", f"--mapping={place / 'restricted'}"]
    given += ["--key", key_file, "--reason", "a validation", f"--output={place / 'check'}"]
    return main(["midi-b", *given, *more])


def test_each_replaced_identifier_has_one_line(
    place: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert midi_b(place, key_file) == 0
    assert sorted((place / "check" / "uid_mapping.csv").read_text().splitlines()) == sorted(
        UID_LINES
    )
    lines = (place / "check" / "patid_mapping.csv").read_text().splitlines()
    assert lines == ["id_old,id_new", f'"12345, 6",{PATIENT}']
    counts = parse_summary(capfd.readouterr().out)
    assert counts == {"uids": 4, "patient_ids": 1, "ambiguous": 0}


def test_only_the_owner_can_read_the_files(place: Path, key_file: str) -> None:
    assert midi_b(place, key_file) == 0
    assert (place / "check").stat().st_mode & 0o777 == 0o700
    for name in ("uid_mapping.csv", "patid_mapping.csv"):
        (place / "check" / name).chmod(0o644)
    assert midi_b(place, key_file) == 0
    modes = {path.stat().st_mode & 0o777 for path in (place / "check").iterdir()}
    assert modes == {0o600}


def test_the_access_is_recorded_for_each_patient(
    place: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert midi_b(place, key_file) == 0
    (entry,) = read_entries(Location("", str(place / "restricted")))
    assert (entry.asked, entry.reason, entry.answered_count) == ("mapping", "a validation", 6)
    assert hash_pseudonym(NAMES, PATIENT) in entry.pseudonym_hashes
    assert "12345" not in str(entry) and "12345" not in capfd.readouterr().err
    folders = [f"--tables={place / 'tables'}", f"--mapping={place / 'restricted'}"]
    assert main(["audit", "verify", *folders, "--key", key_file]) == 0
    assert main(["audit", "who", *folders, "--key", key_file, "--patient", PATIENT]) == 0
    assert "mapping" in capfd.readouterr().out


def test_nothing_is_written_if_the_access_cannot_be_recorded(
    place: Path, key_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Tables, "append_rows", fail)
    with pytest.raises(OSError):
        midi_b(place, key_file)
    assert not list((place / "check").iterdir())


def test_an_identifier_with_two_pseudonyms_is_reported(
    place: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write_pairs(
        place, [make_pair("patient_id", "12345, 6", "OTHERISSUERXYZ23", "OTHERISSUERXYZ23")]
    )
    assert midi_b(place, key_file) == 3
    out, err = capfd.readouterr()
    assert json.loads(out.splitlines()[-1])["ambiguous"] == 1
    assert "patid_mapping.csv: 1 lines" in err and "12345" not in err


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--namespace", "other"], 1, "check --key and --namespace"),
        (["--reason", " "], 2, "--reason must not be empty"),
        (["--output", "s3://bucket/check"], 2, "must be a local folder"),
        (["--output", "/proc/check"], 2, "cannot be created"),
    ],
)
def test_wrong_arguments_are_one_sentence(
    place: Path, key_file: str, more: list[str], code: int, says: str,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert midi_b(place, key_file, *more) == code
    assert says in capfd.readouterr().err


def test_files_beside_the_tables_are_refused(place: Path, key_file: str) -> None:
    assert midi_b(place, key_file, "--output", str(place / "tables" / "check")) == 2


def test_a_mapping_in_dynamodb_is_read(
    mapping_table: MappingTable, place: Path, key_file: str
) -> None:
    mapping_table.add(PAIRS[:1])
    sources = place / "restricted" / "mapping"
    sources.rename(sources.with_name("sources"))
    assert midi_b(place, key_file, f"--mapping-store=dynamodb:{mapping_table.name}") == 0
    assert (place / "check" / "uid_mapping.csv").read_text().splitlines()[1:] == ["1.2.1,2.25.31"]
