"""A text in an attribute of bytes is told from samples, tables and lists of indices."""

from __future__ import annotations

import base64
import gzip
import struct
import zlib
from collections.abc import Callable

import pytest

from safelight.headers.text_in_bytes import inflate_stream, is_compressed, is_hidden_text
from tests.headers.objects import add_raw, deidentify, make_object
from tests.headers.test_rule_functions import make_rules

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


@pytest.mark.parametrize(
    "raw", [zlib.compress(TEXT), gzip.compress(TEXT), struct.pack("<I", 99) + gzip.compress(TEXT)]
)
def test_a_stream_is_inflated(raw: bytes) -> None:
    assert inflate_stream(raw) == TEXT


@pytest.mark.parametrize("raw", [b"", TEXT, b"\x1f\x8b\x08", bytes(20) + gzip.compress(TEXT)])
def test_bytes_without_a_stream_at_their_start_are_not_inflated(raw: bytes) -> None:
    assert inflate_stream(raw) == b""


def test_an_inflated_stream_is_limited() -> None:
    assert len(inflate_stream(zlib.compress(bytes(8 << 20)))) == 1 << 20


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: struct.pack("<I", 28) + gzip.compress(text.encode()),
        lambda text: text.encode("utf-32-be"),
        lambda text: bytes(9) + text.encode("utf-32-le"),
        lambda text: text.encode("cp037"),
    ],
)
def test_a_known_value_in_another_form_is_removed_from_kept_private_bytes(
    encode: Callable[[str], bytes],
) -> None:
    ds = make_object(PatientName="Hargreave^Tomas")
    block = ds.private_block(0x0011, "ACME 1", create=True)
    for number, text in enumerate(["of Tomas Hargreave", "kernel B30f, 5 mm"]):
        raw = encode(text)
        block.add_new(number, "OB", raw + bytes(len(raw) % 2))
    new, _ = deidentify(ds, make_rules("{tag: '(0011,\"ACME 1\",xx)', action: keep}"))
    assert [element.tag.elem for element in new.group_dataset(0x0011)] == [0x10, 0x1001]


def test_compressed_stream_in_a_kept_text_is_removed() -> None:
    raw = zlib.compress(TEXT)
    ds = add_raw(make_object(), 0x00181020, "LO", raw + bytes(len(raw) % 2))
    new, _ = deidentify(ds)
    assert "SoftwareVersions" not in new
