"""Test files of HL7 v2 messages."""

from __future__ import annotations

import pytest

from safelight.notes.formats.hl7v2_file import count_messages, is_hl7v2
from safelight.records import Status
from tests.notes.helpers import clean, patient, text_of
from tests.notes.hl7v2.test_messages import MESSAGE


def test_messages_in_a_text_file_are_read_as_messages() -> None:
    message = "MSH|^~\\&|A|B|||20200102||ADT^A08|M1|P|2.5\rPID|1||P1||Zyxwell^Anna\r"
    written = text_of(clean(message, "txt"))
    assert "Zyxwell" not in written and f"PID|1||{patient('P1').pseudonym}|" in written


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"MSH|^~\\&|A\r", True), (b"\x0bMSH|^~\\&|A\r\x1c\r", True), (b"FHS|^~\\&|A\r", True),
     (b"MSH stands in a note", False), (b"", False)],
)  # fmt: skip
def test_messages_are_recognized_by_their_first_bytes(data: bytes, expected: bool) -> None:
    assert is_hl7v2(data) is expected


def test_batch_segments_are_not_messages() -> None:
    assert count_messages(b"FHS|^~\\&\rMSH|^~\\&|A\rMSH|^~\\&|B\rFTS|2\r") == 2


def test_content_before_the_first_message_counts_as_a_record() -> None:
    assert count_messages(b"PID|1\rMSH|^~\\&|A\r") == 2


@pytest.mark.parametrize("frame", ["{}", "\x0b{}\x1c\r", "FHS|^~\\&\rBHS|^~\\&\r{}BTS|1\rFTS|1\r"])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_framing_and_line_ends_do_not_change_the_result(frame: str, end: str) -> None:
    plain = clean(MESSAGE.replace("8859/1", "") * 2, "hl7")
    framed = (frame.format(MESSAGE.replace("8859/1", "")) * 2).replace("\r", end)
    result = clean(framed, "hl7")
    assert [note.status for note in result.notes] == [Status.DEIDENTIFIED] * 2
    assert result.data == plain.data
    marked = clean("\ufeff" + MESSAGE.replace("8859/1", "") * 2, "hl7")
    assert marked.data == plain.data


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Zyxwell\r", "malformed_row"),
        ("MSH|^^^^|Zyxwell\r", "malformed_row"),
        ("MSH|^~\\&\rzy|Zyxwell\r", "malformed_row"),
        ("MSH|^~\\&|||||||||||||||ZYX\rPID|1\r", ""),
        ("MSH|^~\\&||||||||||||||||KLINGON\rPID|1\r", "malformed_row"),
    ],
)
def test_a_malformed_message_is_refused_alone(message: str, reason: str) -> None:
    result = clean(message + MESSAGE.replace("8859/1", ""), "hl7")
    assert [note.reason_code for note in result.notes] == [reason, ""]
    assert "Zyxwell" not in "".join(note.reason for note in result.notes)
