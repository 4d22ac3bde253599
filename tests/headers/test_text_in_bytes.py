"""A text in an attribute of bytes is told from samples, tables and lists of indices."""

from __future__ import annotations

import base64
import gzip
import struct
import zlib

import pytest

from safelight.headers.text_in_bytes import is_compressed, is_hidden_text
from tests.headers.objects import add_raw, deidentify, make_object

TEXT = b"Hargreave^Tomas, 2 July 1961"


@pytest.mark.parametrize(
    "raw",
    [
        TEXT,
        TEXT[::-1],
        TEXT.hex().encode(),
        base64.b64encode(TEXT),
        zlib.compress(TEXT),
        gzip.compress(TEXT),
        gzip.compress(bytes(100_000)),
    ],
)
def test_text_is_found_in_every_form(raw: bytes) -> None:
    assert is_hidden_text(raw) or is_hidden_text(raw + b"\0")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(range(256)),
        struct.pack("<256H", *range(256)),
        struct.pack("<8H", *range(60, 68)),
        struct.pack("<8f", *[0.5] * 8),
        b"@" * 512,
        b"\x78\x9c" + bytes(62),
        b"\x1f\x8b\x08" + bytes(range(50)),
    ],
)
def test_samples_are_no_text(raw: bytes) -> None:
    assert not is_hidden_text(raw)


def test_compressed_stream_is_told_from_other_bytes() -> None:
    assert is_compressed(zlib.compress(TEXT)) and not is_compressed(TEXT)


@pytest.mark.parametrize("text", ["written by N. Obody", "Уильям Харгрив"])
def test_text_in_a_kept_table_is_removed(text: str) -> None:
    ds = make_object(
        PatientName="HARGREAVE^TOMAS=Харгрив^Уильям", SpecificCharacterSet="ISO_IR 192"
    )
    raw = text.encode("ascii" if text.isascii() else "utf-16-be")
    ds.add_new(0x00281201, "OW", raw + bytes(-len(raw) % 2))
    ds.add_new(0x00660040, "OL", raw + bytes(-len(raw) % 4))
    new, _ = deidentify(ds)
    kept = [element.value for element in new if element.tag in (0x00281201, 0x00660040)]
    assert not any(raw in value for value in kept)


def test_compressed_stream_in_a_kept_text_is_removed() -> None:
    raw = zlib.compress(TEXT)
    ds = add_raw(make_object(), 0x00181020, "LO", raw + bytes(len(raw) % 2))
    new, _ = deidentify(ds)
    assert "SoftwareVersions" not in new
