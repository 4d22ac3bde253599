"""HL7 v2 messages."""

from __future__ import annotations

from tests.fuzz.note_files import check_file


def run(data: bytes) -> None:
    """De-identify a file of messages."""
    check_file(data, "hl7")


def seeds() -> list[bytes]:
    """Return messages with documents, repetitions, escapes and several character sets."""
    header = b"MSH|^~\\&|APP|HOSP|||20200102101500||ORU^R01|MSG-1|P|2.5.1||||||8859/1\r"
    patient = b"PID|1||P1^^^HOSP^MR~9^^^ST^AN||Zyxquandary^Anna^B||19500304|F|||3 Way^^X^MA^02139\r"
    return [
        header + patient + b"OBX|1|TX|1^A^L|1|seen \\T\\ by M\xfcller~x \\X4142\\ \\.br\\ y\r"
        b"OBX|2|ED|2^PDF||^application^pdf^Base64^JVBERi0=\rNTE|1|L|a & b\rZDS|1.2.3\r",
        b"\x0b" + header + b"OBX|1|NM|1||7.2|mg/dL|1-2\r\x1c\r" + header + patient,
        b"FHS|^~\\&|\rBHS|^~\\&|\r" + header + b"OBX|1|CE|1||C1^x^L\rBTS|1\rFTS|1\r",
    ]
