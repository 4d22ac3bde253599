"""Test the list of formats, and that every other place that names them is complete."""

from __future__ import annotations

import pytest

import jobs.notes
from safelight.notes.formats import FORMATS, describe_suffixes, detect_format
from safelight.notes.formats.base import NoteFormat
from safelight.verify import note_reader


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/B.CSV", "csv"), ("s3://b/x.ndjson", "jsonl"), ("x.json", "json"), ("x.HL7", "hl7"),
        ("a/_SUCCESS", ""), ("a/.x.csv.crc", ""), ("a.csv/x", ""), ("scan.dcm", ""), ("x", ""),
        ("a.csv.gz", "csv"), ("A.TXT.GZ", "txt"), ("a.cda", "xml"), ("a.gz", ""), ("a.pdf", "pdf"),
    ],
)  # fmt: skip
def test_a_format_is_detected_by_the_suffix(path: str, expected: str) -> None:
    assert detect_format(path) == expected


@pytest.mark.parametrize("format_class", FORMATS.values())
def test_the_command_help_names_each_format(format_class: type[NoteFormat[object]]) -> None:
    if format_class.suffixes:
        assert f".{format_class.suffixes[0]}" in (jobs.notes.__doc__ or "")


@pytest.mark.parametrize("format_class", FORMATS.values())
def test_the_verifier_knows_each_suffix(format_class: type[NoteFormat[object]]) -> None:
    kinds = {note_reader.detect_format(f"a.{suffix}") for suffix in format_class.suffixes}
    assert kinds <= {format_class.name, "csv"}


def test_messages_name_all_suffixes() -> None:
    text = describe_suffixes()
    assert ".txt" in text and ".pdf" in text and ".gz" in text


def test_the_output_of_a_single_note_is_in_the_folder_of_its_patient() -> None:
    assert FORMATS["txt"].output_name("token", 1, 1, "PAT") == "PAT/token.txt"


def test_the_output_of_a_split_file_is_a_folder_of_parts() -> None:
    assert FORMATS["csv"].output_name("token", 2, 3, "PAT") == "token/part-00002.csv"


def test_the_output_of_a_whole_file_is_one_file() -> None:
    assert FORMATS["csv"].output_name("token", 1, 1, "PAT") == "token.csv"
