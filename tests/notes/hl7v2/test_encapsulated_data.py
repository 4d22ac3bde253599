"""Test encapsulated data in OBX-5."""

from __future__ import annotations

import base64

import pytest

from safelight.records import Status
from tests.notes.helpers import clean, text_of
from tests.notes.hl7v2.test_messages import lines


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("RIS^TEXT^plain^Base64^{b64}", "[NAME] sat down. EF 55 %"),
        ("RIS^TEXT^^A^Quimbleton sat down. EF 55 %", "[NAME] sat down. EF 55 %"),
        ("RIS^text^html^Base64^{html}", "<p>[NAME] sat <b>down</b>. EF 55 %</p>"),
        ("RIS^TEXT^plain^Hex^{hex}", "[NAME] sat down. EF 55 %"),
        ("RIS^application^pdf^Base64^{b64}", None), ("RIS^text^rtf^Base64^{b64}", None),
        ("RIS^IM^jpeg^Base64^{b64}", None), ("RIS^TEXT^plain^zip^x", None),
    ],
)  # fmt: skip
def test_encapsulated_data_are_cleaned_by_their_type(value: str, kept: str | None) -> None:
    text = b"Quimbleton sat down. EF 55 %"
    html = b"<p>Quimbleton sat <b>down</b>. EF 55 %</p>"
    value = value.format(
        b64=base64.b64encode(text).decode(), html=base64.b64encode(html).decode(), hex=text.hex()
    )
    head = "MSH|^~\\&|A|B|||20200102||ORU^R01|M1|P|2.5\rPID|1||P1\r"
    result = clean(f"{head}OBX|1|ED|PDF^Report||{value}||||||F\r", "hl7")
    fields = lines(text_of(result))["OBX1"]
    assert "Quimbleton" not in text_of(result)
    if kept is None:
        assert fields[5] == "" and fields[11] == "F"
        return
    source, _, _, encoding, data = fields[5].split("^")
    assert source == ""
    assert (base64.b64decode(data).decode() if encoding == "Base64" else data) == kept


def test_data_of_another_encoding_are_refused_with_their_message() -> None:
    head = "MSH|^~\\&|A|B|||20200102||ORU^R01|M1|P|2.5\r"
    result = clean(f"{head}OBX|1|ED|x||R^TEXT^plain^Base64^%%%\r{head}NTE|1||fine\r", "hl7")
    assert [note.status for note in result.notes] == [Status.QUARANTINED, Status.DEIDENTIFIED]


def test_types_that_the_sender_chooses_are_removed() -> None:
    head = "MSH|^~\\&|A|B|||20200102||ORU^R01|M1|P|2.5\r"
    result = clean(f"{head}OBX|1|ED|x||R^Zyxwell^plain^A^fine\r", "hl7")
    assert "Zyxwell" not in text_of(result)
