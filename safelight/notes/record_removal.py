"""Remove records from a de-identified file of notes, for patients who are withdrawn."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple, Optional

_MESSAGE_START: Final = re.compile(rb"(?m)(?:^|(?<=\r))MSH")


class WrittenRecord(NamedTuple):
    """One record of a de-identified file.

    Attributes
    ----------
    sha256 : str
        Checksum of its bytes, without separators between records.
    is_removed : bool
        Whether it is removed.
    """

    sha256: str
    is_removed: bool


def remove_records(data: bytes, format_name: str, records: Sequence[WrittenRecord]) -> bytes | None:
    """Return a file without some of its records.

    Parameters
    ----------
    data : bytes
        De-identified file, as it was written.
    format_name : str
        Name of its format; see :mod:`safelight.notes.formats`.
    records : sequence of WrittenRecord
        All records of the file in their order.

    Returns
    -------
    bytes or None
        The file; as it is if the records were removed before. None if its format is not known, or
        its records are not those that are recorded.
    """
    if format_name == "parquet":
        return _remove_rows(data, records)
    if format_name == "json":
        return _remove_entries(data, records)
    split = _SPLITTERS.get(format_name)
    return _remove_slices(split(data), records) if split is not None else None


def _remove_slices(
    slices: Iterator[tuple[bytes, bytes]], records: Sequence[WrittenRecord]
) -> Optional[bytes]:
    """Return the slices without those whose checksum is that of a removed record."""
    removed = Counter(record.sha256 for record in records if record.is_removed)
    others = Counter(record.sha256 for record in records if not record.is_removed)
    total, kept = removed.total(), []
    for content, separator in slices:
        digest = hashlib.sha256(content).hexdigest()
        if removed[digest]:
            removed[digest] -= 1
            continue
        others[digest] -= 1
        kept.append(content + separator)
    is_known = removed.total() == 0 or (removed.total() == total and not +others)
    return b"".join(kept) if is_known else None


def _split_csv(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the records of a CSV file, of which a quoted field may have several lines."""
    record = b""
    for line in _split_lines(data):
        record += line
        if record.count(b'"') % 2 == 0:
            yield record, b""
            record = b""
    if record:
        yield record, b""


def _split_lines(data: bytes) -> list[bytes]:
    """Return the lines that end with a line feed; a carriage return alone ends none."""
    return [line + b"\n" for line in data.removesuffix(b"\n").split(b"\n")]


def _split_json_lines(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in _split_lines(data):
        yield line[:-1], b"\n"


def _split_messages(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the messages of a file of HL7 v2, each from its MSH segment."""
    starts = [match.start() for match in _MESSAGE_START.finditer(data)]
    if starts and starts[0]:
        yield data[: starts[0]], b""
    for begin, end in zip(starts, [*starts[1:], len(data)]):
        yield data[begin:end], b""


_SPLITTERS: Final[dict[str, Callable[[bytes], Iterator[tuple[bytes, bytes]]]]] = {
    "csv": _split_csv,
    "tsv": _split_csv,
    "jsonl": _split_json_lines,
    "hl7": _split_messages,
}


def _remove_rows(data: bytes, records: Sequence[WrittenRecord]) -> Optional[bytes]:
    """Return a Parquet file without some of its rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(data))
    if table.num_rows == sum(not record.is_removed for record in records):
        return data
    if table.num_rows != len(records):
        return None
    kept = table.filter(pa.array([not record.is_removed for record in records]))
    sink = io.BytesIO()
    pq.write_table(kept, sink, compression="snappy", write_statistics=True)
    return sink.getvalue()


def _remove_entries(data: bytes, records: Sequence[WrittenRecord]) -> Optional[bytes]:
    """Return a JSON document without some entries of its list or of its Bundle."""
    document: Any = json.loads(data)
    is_bundle = isinstance(document, dict) and document.get("resourceType") == "Bundle"
    entries = document.get("entry", []) if is_bundle else document
    of_entries = records[1:] if is_bundle else records
    if isinstance(entries, list) and len(entries) == sum(not one.is_removed for one in of_entries):
        return data
    if not isinstance(entries, list) or len(entries) != len(of_entries):
        return None
    kept = [entry for entry, record in zip(entries, of_entries) if not record.is_removed]
    new = document | {"entry": kept} if is_bundle else kept
    return (json.dumps(new, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
