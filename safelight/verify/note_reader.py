"""Read notes of any format as rows of paths and texts: the check's own reading.

It is not the reading of what it checks: it follows no rules, knows no columns and reads what is
packed or encoded inside (gzip, base64) as far as it can.
"""

from __future__ import annotations

import base64
import binascii
import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import defusedxml.ElementTree

from safelight.verify.object_reader import UnreadableError

_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{24,}={0,2}\s*")
#: Headers and trailers of HL7 v2 batches.
_ENVELOPE = ("FHS", "BHS", "BTS", "FTS")
_LARGEST = 512 * 1024 * 1024


@dataclass(frozen=True)
class NoteRecord:
    """One record. PHI.

    Attributes
    ----------
    number : int
        As the job numbers it: rows, messages, lines and entries from 1; a Bundle itself is 0.
    leaves : tuple of (str, str)
        Path and text.
    """

    number: int
    leaves: tuple[tuple[str, str], ...]

    def first(self, wanted: re.Pattern[str]) -> str:
        """The text of the first path that matches; empty if there is none."""
        return next((text for path, text in self.leaves if wanted.search(path)), "")


def detect_format(name: str) -> str:
    """The format of a file by the end of its name, without what packs it."""
    base = name.rpartition("/")[2].lower().removesuffix(".gz")
    end = base.rpartition(".")[2]
    return {"ndjson": "jsonl", "tsv": "csv", "text": "txt", "cda": "xml", "hl7v2": "hl7"}.get(
        end, end
    )


def read_records(data: bytes, kind: str) -> list[NoteRecord]:
    """All rows of a file.

    Parameters
    ----------
    data : bytes
        Packed or not.
    kind : str
        See :func:`detect_format`.

    Raises
    ------
    UnreadableError
        If it is not what its name says.
    """
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data)
    try:
        if kind == "parquet":
            return [
                NoteRecord(n, tuple(_leaves(row, ""))) for n, row in enumerate(_parquet(data), 1)
            ]
        if kind == "pdf":
            return [NoteRecord(1, tuple(_document(data, "document")))]
        text = _text(data)
        if kind == "txt" and not text.startswith("MSH|"):
            return [NoteRecord(1, (("text", text),))]
        if kind == "csv":
            return list(_table(text))
        if kind == "jsonl":
            return list(_lines(text))
        if kind == "json":
            return list(_json(text))
        if kind in ("hl7", "txt"):
            return list(_messages(text))
        return [NoteRecord(1, tuple(_xml(text)))]
    except (ValueError, KeyError, OSError, RecursionError, csv.Error) as error:
        raise UnreadableError(type(error).__name__) from None


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(_LARGEST)
    except (OSError, EOFError, zlib.error):
        raise UnreadableError("gzip") from None


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _table(text: str) -> Iterator[NoteRecord]:
    head = text[: text.find("\n") + 1] or text
    delimiter = max(",;\t|", key=head.count)
    csv.field_size_limit(_LARGEST)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = next(rows, [])
    number = 0
    for values in rows:
        if values:
            number += 1
            leaves = [pair for name, v in zip(names, values) for pair in _string(v, name)]
            yield NoteRecord(number, tuple(leaves))


def _lines(text: str) -> Iterator[NoteRecord]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield NoteRecord(number, tuple(_resource(json.loads(line))))
            except ValueError:  # refused by the job as well; in an output it is a finding
                yield NoteRecord(number, (("line", line),))


def _json(text: str) -> Iterator[NoteRecord]:
    value = json.loads(text)
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        rest = {name: inner for name, inner in value.items() if name != "entry"}
        yield NoteRecord(0, tuple(_leaves(rest, "Bundle")))
        value = value.get("entry", [])
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        yield NoteRecord(number, tuple(_resource(item)))


def _resource(value: Any) -> Iterator[tuple[str, str]]:
    inner = value.get("resource", value) if isinstance(value, dict) else value
    kind = inner.get("resourceType", "") if isinstance(inner, dict) else ""
    yield from _leaves(inner, str(kind))
    if inner is not value:
        yield from _leaves({k: v for k, v in value.items() if k != "resource"}, "entry")


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}#", str(name)
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _leaves(inner, path)
    elif isinstance(value, bytes):
        yield path, value.decode("latin-1")
    elif value is not None:
        yield from _string(str(value), path)


def _string(text: str, path: str) -> Iterator[tuple[str, str]]:
    """A text, or what is encoded in it."""
    if len(text) >= 24 and _BASE64.fullmatch(text):
        try:
            data = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            data = b""
        found = list(_document(data, path)) if data else []
        if found:
            yield from found
            return
    yield path, text


def _document(data: bytes, path: str) -> Iterator[tuple[str, str]]:
    if data.lstrip()[:5] == b"%PDF-":
        import pypdfium2  # type: ignore[import-untyped]

        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:
            raise ValueError("PDF") from None
        for page in document:
            yield path, page.get_textpage().get_text_range()
        yield from _leaves(document.get_metadata_dict(), path)
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if text.isprintable() or not re.search(r"[\x00-\x08\x0e-\x1f]", text):
        yield path, text


def _messages(text: str) -> Iterator[NoteRecord]:
    text = re.sub(r"\r\n|\n|\x0b|\x1c", "\r", text)
    parts = re.split(r"(?:^|\r)(?=MSH[^A-Za-z0-9])", text)
    before = [line for line in parts[0].split("\r") if line.strip() and line[:3] not in _ENVELOPE]
    for number, message in enumerate(parts[1:], 2 if before else 1):
        yield NoteRecord(number, tuple(_message(message)))


def _message(message: str) -> Iterator[tuple[str, str]]:
    field, marks = message[3:4] or "|", (message[4:8] + "^~\\&"[len(message[4:8]) :])
    component, repetition, escape, sub = tuple(marks)
    for line in message.split("\r"):
        if not line.strip() or line[:3] in _ENVELOPE:
            continue
        name, *fields = line.split(field)
        for number, value in enumerate(fields, 2 if name == "MSH" else 1):
            if name == "MSH" and number == 2:
                continue
            for one in value.split(repetition):
                for place, part in enumerate(one.split(component), 1):
                    for text in part.split(sub):
                        plain = re.sub(
                            rf"{re.escape(escape)}[A-Za-z.0-9+-]*{re.escape(escape)}", " ", text
                        )
                        if plain.strip():
                            yield from _string(plain, f"{name}.{number}.{place}")


def _xml(text: str) -> Iterator[tuple[str, str]]:
    try:
        root = defusedxml.ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (defusedxml.ElementTree.ParseError, defusedxml.DefusedXmlException):
        raise ValueError("XML") from None
    waiting = [("", root)]
    while waiting:
        before, element = waiting.pop()
        name = str(element.tag).rpartition("}")[2]
        path = f"{before.rpartition('.')[2]}.{name}" if before else name
        for attribute, value in element.attrib.items():
            yield f"{path}.@{attribute.rpartition('}')[2]}", value
        if name in ("text", "name"):  # as it is read, over all that is in it
            yield path, "".join(element.itertext())
        elif element.text and element.text.strip():
            yield path, element.text
        if element.tail and element.tail.strip():
            yield path, element.tail
        waiting.extend((path, child) for child in element)


def _parquet(data: bytes) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.ParquetFile(io.BytesIO(data)).read().to_pylist()
    except pa.ArrowException:
        raise ValueError("Parquet") from None
    return rows
