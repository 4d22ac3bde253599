"""Large files are cut between records, and the pieces say what the whole says."""

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


def cuts_of(data: bytes, file_format: str, size: int, options: NotesOptions) -> list[FilePartRange]:
    return split_file(lambda begin, end: data[begin:end], len(data), file_format, options, size)


def records(data: bytes, file_format: str, cuts: list[FilePartRange]) -> list[tuple[int, object]]:
    found: list[tuple[int, object]] = []
    for one in cuts:
        piece = FilePart(
            data[one.begin : one.end], file_format, "x", one.first_row, one.header, one.delimiter
        )
        for record in open_part(piece, NotesOptions()).read_records():
            found.append((record.row, record.value or str(record.refusal)))
    return found


def check(data: bytes, file_format: str, size: int) -> list[FilePartRange]:
    cuts = cuts_of(data, file_format, size, NotesOptions())
    assert cuts[0].begin == 0 and cuts[-1].end == len(data)
    assert all(a.end == b.begin for a, b in zip(cuts, cuts[1:]))
    whole = records(data, file_format, [FilePartRange(0, len(data))])
    assert records(data, file_format, cuts) == whole
    return cuts


_field = st.text('ab",\n\ré', max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_field, _field), max_size=12), st.integers(1, 60), st.integers(1, 40))
def test_rows_of_any_content(rows: list[tuple[str, str]], size: int, block: int) -> None:
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
def test_lines(lines: list[str], size: int) -> None:
    before, file_splitting._BLOCK_BYTES = file_splitting._BLOCK_BYTES, 7
    try:
        check("\n".join(lines).encode(), "jsonl", size)
    finally:
        file_splitting._BLOCK_BYTES = before


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_messages(end: str) -> None:
    message = f"MSH|^~\\&|A{end}PID|1||P1{end}OBX|1|TX|||MSH is no segment here{end}"
    assert len(check((message * 20).encode(), "hl7", 150)) > 3


def test_what_cannot_be_cut_stays_whole() -> None:
    assert cuts_of(b"a" * 50, "txt", 10, NotesOptions()) == [FilePartRange(0, 50)]
    rows = ("a,b\n" + "1,2\n" * 50).encode("utf-16")
    assert len(cuts_of(rows, "csv", 10, NotesOptions(encoding="utf-16"))) == 1
