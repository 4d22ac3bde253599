"""Test the detection of the encoding of a file."""

from __future__ import annotations

import pytest

from safelight.notes.file_encodings import AUTO, detect_encoding
from tests.notes.helpers import clean


@pytest.mark.parametrize(
    ("encoding", "written"), [("latin-1", "cp1252"), ("cp1252", "cp1252"), ("utf-16", "utf-8"),
                              ("utf-8-sig", "utf-8")],
)  # fmt: skip
def test_the_encoding_is_detected(encoding: str, written: str) -> None:
    text = "patient_id,nachname,note\nP1,Größenbach,Herr Größenbach: 5 µg, 30 °C\n"
    text = text.replace("5 µg, 30", "5 µg / 30")
    result = clean(text.encode(encoding), "csv")
    assert result.data is not None
    assert result.data.decode(written).endswith(",Herr [NAME]: 5 µg / 30 °C\n")


@pytest.mark.parametrize(
    "data",
    ["Ма\u0440гарита была здесь".encode("cp1251"), "Małgorzata Śliwińska".encode("iso-8859-2"),
     "José".encode("cp437"), b"\x00\x9d\x81 \xff", "Größe ".encode() + b"\xe9"],
)  # fmt: skip
def test_text_of_an_unknown_encoding_is_refused(data: bytes) -> None:
    assert clean(data * 3, "txt").notes[0].reason_code == "malformed_row"


def test_the_encoding_of_the_user_has_priority() -> None:
    assert detect_encoding("é".encode(), "latin-1") == "latin-1"


def test_bytes_of_no_detected_encoding_are_read_as_utf_8() -> None:
    assert detect_encoding(b"\x00\x9d\x81", AUTO) == "utf-8"
