"""Texts that are encoded in other texts or bytes."""

from __future__ import annotations

import base64
import gzip
import zlib

import pytest
from pydicom.dataset import Dataset

from safelight.verify import Verifier
from safelight.verify.decoded_contents import find_decoded_texts, find_inflated_bytes
from tests.verify.objects import original, output, to_bytes

TEXT = "Quillfeather^Ottoline"


@pytest.mark.parametrize(
    "encoded",
    [
        base64.b64encode(TEXT.encode()).decode(),
        base64.urlsafe_b64encode(TEXT.encode()).decode().rstrip("="),
        base64.b64encode(TEXT.encode("utf-16-le")).decode(),
        TEXT.encode().hex(),
        TEXT.encode().hex().upper(),
        TEXT.encode().hex(" "),
        TEXT.encode().hex(":"),
        "0x" + TEXT.encode().hex(),
        "".join(f"\\x{byte:02x}" for byte in TEXT.encode()),
        ", ".join(f"0x{byte:02X}" for byte in TEXT.encode()),
    ],
)
def test_encoded_texts_are_decoded(encoded: str) -> None:
    assert TEXT in list(find_decoded_texts(f"id: {encoded}; end"))


@pytest.mark.parametrize("text", ["CHEST PA AND LATERAL", "KRUGS4ZANFZSAYJAKRUGS4ZA", "0" * 64])
def test_other_texts_are_not(text: str) -> None:
    assert list(find_decoded_texts(text)) == []


@pytest.mark.parametrize("compress", [zlib.compress, gzip.compress])
def test_compressed_bytes_are_decompressed(compress: object) -> None:
    assert callable(compress)
    assert TEXT.encode() in list(find_inflated_bytes(b"head" + compress(TEXT.encode()) + b"tail"))


def test_compressed_bytes_are_limited() -> None:
    (content,) = find_inflated_bytes(zlib.compress(bytes(64 << 20), 9))
    assert len(content) == 1 << 20


def add_private(ds: Dataset, vr: str, value: str | bytes) -> Dataset:
    ds.private_block(0x0019, "ACME TEST").add_new(0x05, vr, value)
    return ds


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("LO", TEXT.encode().hex()),
        ("UT", base64.b64encode(b"patient=" + TEXT.encode()).decode()),
        ("OB", zlib.compress(b"patient " + TEXT.encode()).ljust(40, b"\0")),
    ],
)
def test_an_encoded_name_is_a_leak(vr: str, value: str | bytes) -> None:
    data = to_bytes(add_private(output(), vr, value))
    found = Verifier().compare(data, to_bytes(original()))
    assert "(0019,1005) decoded" in {defect.location for defect in found}
    assert "(0019,1005) decoded" in {defect.location for defect in Verifier().check(data)}
