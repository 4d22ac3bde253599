"""Test that the parts of a large file have the same records as the whole file."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.notes import file_splitting
from safelight.notes.file_splitting import FilePartRange
from safelight.notes.formats import FilePart, open_part, split_file
from safelight.notes.options import NotesOptions


def split(data: bytes, file_format: str, size: int, options: NotesOptions) -> list[FilePartRange]:
    return split_file(lambda begin, end: data[begin:end], len(data), file_format, options, size)


def records(data: bytes, file_format: str, parts: list[FilePartRange]) -> list[tuple[int, object]]:
    found: list[tuple[int, object]] = []
    for one in parts:
        part = FilePart(
            data[one.begin : one.end], file_format, "x", one.first_row, one.header, one.delimiter
        )
        for record in open_part(part, NotesOptions()).read_records():
            found.append((record.row, record.value or str(record.refusal)))
    return found


def check(data: bytes, file_format: str, size: int) -> list[FilePartRange]:
    parts = split(data, file_format, size, NotesOptions())
    assert parts[0].begin == 0 and parts[-1].end == len(data)
    assert all(a.end == b.begin for a, b in zip(parts, parts[1:]))
    whole = records(data, file_format, [FilePartRange(0, len(data))])
    assert records(data, file_format, parts) == whole
    return parts


_field = st.text('ab",\n\ré', max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_field, _field), max_size=12), st.integers(1, 60), st.integers(1, 40))
def test_tables_with_any_content_are_split_after_rows(
    rows: list[tuple[str, str]], size: int, block: int
) -> None:
    source = io.StringIO(newline="")
    csv.writer(source, lineterminator="\n").writerows([("note_id", "two"), *rows])
    before, file_splitting._BLOCK_BYTES = file_splitting._BLOCK_BYTES, block
    try:
        check(source.getvalue().encode(), "csv", size)
    finally:
        file_splitting._BLOCK_BYTES = before


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(['{"a":1}', "", "{", '{"b":"é"}']), max_size=20), st.integers(1, 30)
)
def test_json_lines_are_split_at_line_ends(lines: list[str], size: int) -> None:
    before, file_splitting._BLOCK_BYTES = file_splitting._BLOCK_BYTES, 7
    try:
        check("\n".join(lines).encode(), "jsonl", size)
    finally:
        file_splitting._BLOCK_BYTES = before


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_hl7v2_files_are_split_before_messages(end: str) -> None:
    message = f"MSH|^~\\&|A{end}PID|1||P1{end}OBX|1|TX|||MSH is no segment here{end}"
    assert len(check((message * 20).encode(), "hl7", 150)) > 3


def test_a_format_without_a_split_unit_is_not_split() -> None:
    assert split(b"a" * 50, "txt", 10, NotesOptions()) == [FilePartRange(0, 50)]


def test_a_file_in_utf_16_is_not_split() -> None:
    rows = ("a,b\n" + "1,2\n" * 50).encode("utf-16")
    assert len(split(rows, "csv", 10, NotesOptions(encoding="utf-16"))) == 1


def test_a_small_file_is_not_split() -> None:
    assert split(b"note\n" * 5, "csv", 100, NotesOptions()) == [FilePartRange(0, 25)]


def test_a_record_of_many_blocks_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_splitting, "_BLOCK_BYTES", 100)
    searched: list[int] = []

    def find(data: bytearray, start: object, begin: int, part_bytes: int) -> int:
        searched.append(len(data) - begin)
        return 0

    monkeypatch.setattr(file_splitting, "_find_last_start", find)
    assert len(split(b"x" * 10_000, "jsonl", 50, NotesOptions())) == 1
    assert max(searched) <= 110
