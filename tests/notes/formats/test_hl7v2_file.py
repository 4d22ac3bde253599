"""Test files of HL7 v2 messages."""

from __future__ import annotations

import pytest

from safelight.notes.formats.hl7v2_file import count_messages, is_hl7v2
from tests.notes.helpers import clean, patient, text_of


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
