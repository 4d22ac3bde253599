"""Read notes of any format as records of paths and texts, for the verifier.

The reader is independent of the formats of `safelight.notes`. It does not use rules or
configured columns, and decodes compressed and embedded content (gzip, base64) where possible.
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

#: Path and text of one value.
Leaf = tuple[str, str]

_GZIP_SIGNATURE = b"\x1f\x8b"
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{24,}={0,2}\s*")
_MIN_BASE64_CHARACTERS = 24
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0e-\x1f]")
#: Headers and trailers of HL7 v2 batches.
_BATCH_SEGMENTS = ("FHS", "BHS", "BTS", "FTS")
_HL7_ENCODING_CHARACTERS = "^~\\&"
_MAX_UNCOMPRESSED_BYTES = 512 * 1024 * 1024

_FORMATS_BY_SUFFIX = {
    "ndjson": "jsonl",
    "tsv": "csv",
    "text": "txt",
    "cda": "xml",
    "hl7v2": "hl7",
}


@dataclass(frozen=True)
class NoteRecord:
    """One record of a file. PHI.

    Attributes
    ----------
    number : int
        Number of the record in the job: rows, messages, lines and entries count from 1; a Bundle
        without its entries is 0.
    leaves : tuple of (str, str)
        Path and text of each value.
    """

    number: int
    leaves: tuple[Leaf, ...]

    def find_first(self, pattern: re.Pattern[str]) -> str:
        """Return the text of the first path in which a pattern is found; empty if none."""
        return next((text for path, text in self.leaves if pattern.search(path)), "")


def detect_format(name: str) -> str:
    """Return the format of a file by the suffix of its name, without ``.gz``."""
    base = name.rpartition("/")[2].lower().removesuffix(".gz")
    suffix = base.rpartition(".")[2]
    return _FORMATS_BY_SUFFIX.get(suffix, suffix)


def read_records(data: bytes, kind: str) -> list[NoteRecord]:
    """Return the records of a file.

    Parameters
    ----------
    data : bytes
        Content, possibly compressed with gzip.
    kind : str
        Result of `detect_format`; an unknown format is read as XML.

    Raises
    ------
    UnreadableError
        If the content does not have that format.
    """
    if data[:2] == _GZIP_SIGNATURE:
        data = _decompress(data)
    try:
        if kind == "parquet":
            rows = enumerate(_read_parquet(data), 1)
            return [NoteRecord(n, tuple(_iterate_leaves(row, ""))) for n, row in rows]
        if kind == "pdf":
            return [NoteRecord(1, tuple(_read_document(data, "document")))]
        text = _decode(data)
        if kind == "txt" and not text.startswith("MSH|"):
            return [NoteRecord(1, (("text", text),))]
        if kind == "csv":
            return list(_read_csv(text))
        if kind == "jsonl":
            return list(_read_json_lines(text))
        if kind == "json":
            return list(_read_json(text))
        if kind in ("hl7", "txt"):
            return list(_read_messages(text))
        return [NoteRecord(1, tuple(_read_xml(text)))]
    except (ValueError, KeyError, OSError, RecursionError, csv.Error) as error:
        raise UnreadableError(type(error).__name__) from None


def _decompress(data: bytes) -> bytes:
    """Return the content of a gzip file."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(_MAX_UNCOMPRESSED_BYTES)
    except (OSError, EOFError, zlib.error):
        raise UnreadableError("gzip") from None


def _decode(data: bytes) -> str:
    """Return text in UTF-16 (with a byte order mark), UTF-8 or Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read_csv(text: str) -> Iterator[NoteRecord]:
    """Yield the rows of a CSV file, with the most frequent separator of its header."""
    header = text[: text.find("\n") + 1] or text
    delimiter = max(",;\t|", key=header.count)
    csv.field_size_limit(_MAX_UNCOMPRESSED_BYTES)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = next(rows, [])
    number = 0
    for values in rows:
        if values:
            number += 1
            pairs = zip(names, values)
            leaves = [leaf for name, value in pairs for leaf in _expand_text(value, name)]
            yield NoteRecord(number, tuple(leaves))


def _read_json_lines(text: str) -> Iterator[NoteRecord]:
    """Yield the lines of a JSON Lines file."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield NoteRecord(number, tuple(_iterate_resource(json.loads(line))))
            except ValueError:  # the job refuses such a line, but the text can be searched
                yield NoteRecord(number, (("line", line),))


def _read_json(text: str) -> Iterator[NoteRecord]:
    """Yield the entries of a FHIR Bundle or of a list, or one record."""
    value = json.loads(text)
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        rest = {name: inner for name, inner in value.items() if name != "entry"}
        yield NoteRecord(0, tuple(_iterate_leaves(rest, "Bundle")))
        value = value.get("entry", [])
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        yield NoteRecord(number, tuple(_iterate_resource(item)))


def _iterate_resource(value: Any) -> Iterator[Leaf]:
    """Yield the leaves of a FHIR resource, also inside an entry of a Bundle."""
    resource = value.get("resource", value) if isinstance(value, dict) else value
    resource_type = resource.get("resourceType", "") if isinstance(resource, dict) else ""
    yield from _iterate_leaves(resource, str(resource_type))
    if resource is not value:
        rest = {name: inner for name, inner in value.items() if name != "resource"}
        yield from _iterate_leaves(rest, "entry")


def _iterate_leaves(value: Any, path: str) -> Iterator[Leaf]:
    """Yield the leaves of nested data; the name of a member is a leaf whose path ends with #."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}#", str(name)
            yield from _iterate_leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _iterate_leaves(inner, path)
    elif isinstance(value, bytes):
        yield path, value.decode("latin-1")
    elif value is not None:
        yield from _expand_text(str(value), path)


def _expand_text(text: str, path: str) -> Iterator[Leaf]:
    """Yield a text, or the content that it encodes in base64."""
    if len(text) >= _MIN_BASE64_CHARACTERS and _BASE64.fullmatch(text):
        try:
            data = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            data = b""
        found = list(_read_document(data, path)) if data else []
        if found:
            yield from found
            return
    yield path, text


def _read_document(data: bytes, path: str) -> Iterator[Leaf]:
    """Yield the texts of a PDF or of UTF-8 text; nothing for other content."""
    if data.lstrip()[:5] == b"%PDF-":
        import pypdfium2  # type: ignore[import-untyped]

        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:
            raise ValueError("PDF") from None
        for page in document:
            yield path, page.get_textpage().get_text_range()
        yield from _iterate_leaves(document.get_metadata_dict(), path)
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if text.isprintable() or not _CONTROL_CHARACTER.search(text):
        yield path, text


def _read_messages(text: str) -> Iterator[NoteRecord]:
    """Yield the HL7 v2 messages of a file. Segments before the first message have a number too."""
    text = re.sub(r"\r\n|\n|\x0b|\x1c", "\r", text)
    parts = re.split(r"(?:^|\r)(?=MSH[^A-Za-z0-9])", text)
    has_leading_segments = any(
        line.strip() and line[:3] not in _BATCH_SEGMENTS for line in parts[0].split("\r")
    )
    for number, message in enumerate(parts[1:], 2 if has_leading_segments else 1):
        yield NoteRecord(number, tuple(_iterate_message(message)))


def _iterate_message(message: str) -> Iterator[Leaf]:
    """Yield the leaves of an HL7 v2 message; the path is SEGMENT.field.component."""
    field_separator = message[3:4] or "|"
    given = message[4:8]
    characters = given + _HL7_ENCODING_CHARACTERS[len(given) :]
    component, repetition, escape, subcomponent = tuple(characters)
    escape_sequence = re.compile(rf"{re.escape(escape)}[A-Za-z.0-9+-]*{re.escape(escape)}")
    for line in message.split("\r"):
        if not line.strip() or line[:3] in _BATCH_SEGMENTS:
            continue
        segment, *fields = line.split(field_separator)
        for number, field in enumerate(fields, 2 if segment == "MSH" else 1):
            if segment == "MSH" and number == 2:
                continue
            for value in field.split(repetition):
                for position, part in enumerate(value.split(component), 1):
                    for text in part.split(subcomponent):
                        unescaped = escape_sequence.sub(" ", text)
                        if unescaped.strip():
                            yield from _expand_text(unescaped, f"{segment}.{number}.{position}")


def _read_xml(text: str) -> Iterator[Leaf]:
    """Yield the leaves of an XML document; a path has the names of the last two elements."""
    try:
        root = defusedxml.ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (defusedxml.ElementTree.ParseError, defusedxml.DefusedXmlException):
        raise ValueError("XML") from None
    pending = [("", root)]
    while pending:
        parent_path, element = pending.pop()
        name = str(element.tag).rpartition("}")[2]
        path = f"{parent_path.rpartition('.')[2]}.{name}" if parent_path else name
        for attribute, value in element.attrib.items():
            yield f"{path}.@{attribute.rpartition('}')[2]}", value
        if name in ("text", "name"):  # as displayed, across the elements inside
            yield path, "".join(element.itertext())
        elif element.text and element.text.strip():
            yield path, element.text
        if element.tail and element.tail.strip():
            yield path, element.tail
        pending.extend((path, child) for child in element)


def _read_parquet(data: bytes) -> list[dict[str, Any]]:
    """Return the rows of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.ParquetFile(io.BytesIO(data)).read().to_pylist()
    except pa.ArrowException:
        raise ValueError("Parquet") from None
    return rows
