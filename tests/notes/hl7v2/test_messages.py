"""HL7 v2 messages."""

from __future__ import annotations

import base64
import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.notes.hl7v2.message_syntax import parse_message, write_message
from safelight.records import Refusal, Status
from tests.notes.helpers import clean, patient, text_of

MESSAGE = "\r".join(
    (
        "MSH|^~\\&|APP|Wexcombe General|||20200102101500||ORU^R01|MSG-1|P|2.5.1||||||8859/1",
        "PID|1||P1^^^WEX^MR~999887^^^STATE^AN||Zyxwell^Anna^B^^Dr~Maiden^Anna||19500304|F||2106-3^White"
        "|3 Larkspur Way^^Wexcombe^MA^02139^USA||(617)555-0142|||M||ACC-778|123-45-6789",
        "NK1|1|Farnsbury^Tom|SPO^Spouse|||",
        "PV1|1|I|WARD^12^A|||^|44^Brackenfold^Ina^^^Dr|||MED|||||||||V-5512",
        "ORC|RE|PL-1|FI-1",
        "OBR|1|PL-1|FI-1|71020^CHEST^C4|||20200102||||||told by Quimbleton|||44^Brackenfold^Ina"
        "|||||||||||||||&Brackenfold&Ina",
        "OBX|1|TX|71020^CHEST^C4|1|Anna Zyxwell was seen by Quimbleton~on 2020-01-02 \\T\\ by "
        "M\xfcller",
        "OBX|2|TX|71020^CHEST^C4|2|and Mr. Farns||||||F|||20200102",
        "OBX|3|FT|71020^CHEST^C4|3|bury: one\\.br\\two \\H\\bold\\N\\ a\\F\\b \\X4142\\",
        "OBX|4|NM|718-7^Hgb^LN||13.2|g/dL|12-16|N|||F",
        "OBX|5|DT|X^Date^L||20200102",
        "OBX|6|CE|X^Code^L||C1^Quimbleton^L",
        "OBX|7|ED|PDF^Report^L||^application^pdf^Base64^JVBERi0=",
        "OBX|8|XCN|X^Doctor^L||7^Quimbleton",
        "NTE|1|L|line of Quimbleton",
        "ZXX|Zyxwell|secret",
        "",
    )
)
SECRETS = (
    "Zyxwell", "Anna", "Quimbleton", "Farnsbury", "Wexcombe", "Larkspur", "Brackenfold",
    "19500304", "20200102", "555-0142", "6789", "ACC-778", "V-5512", "MSG-1", "PL-1", "999887",
    "JVBER", "Maiden",
)  # fmt: skip


def lines(text: str) -> dict[str, list[str]]:
    """Fields by segment name and number."""
    found: dict[str, list[str]] = {}
    for line in text.split("\r"):
        fields = line.split("|")
        found[f"{fields[0]}{fields[1]}" if fields[0] in ("OBX", "NTE") else fields[0]] = fields
    return found


def test_a_message_hides_people_and_keeps_what_research_needs() -> None:
    result = clean(MESSAGE.encode("latin-1"), "hl7")
    written = text_of(result)
    assert not [secret for secret in SECRETS if secret in written]
    found, someone = lines(written), patient("P1")
    day = datetime.date(2020, 1, 2) + datetime.timedelta(someone.shift_days)
    birth = datetime.date(1950, 3, 4) + datetime.timedelta(someone.shift_days)
    assert found["MSH"][1] == "^~\\&" and found["MSH"][17] == "UNICODE UTF-8"
    assert found["MSH"][6] == f"{day:%Y%m%d}101500" and found["MSH"][8] == "ORU^R01"
    assert found["PID"][3].startswith(f"{someone.pseudonym}^^^^MR~")
    assert found["PID"][5].split("~")[0] == someone.pseudonym
    assert found["PID"][7:9] == [str(birth.year), "F"]
    assert found["PID"][11] == "^^^MA^021**^USA"
    assert found["OBR"][4] == "71020^CHEST^C4" and found["OBR"][13] == "told by [NAME]"
    assert found["ORC"][2] == found["OBR"][2] != "PL-1"
    assert found["OBX1"][5] == f"[NAME] was seen by [NAME]~on {day} \\T\\ by Müller"
    assert found["OBX3"][5].endswith("one\\.br\\two bold a\\F\\b AB")
    assert found["OBX4"][5:9] == ["13.2", "g/dL", "12-16", "N"]
    assert found["OBX5"][5] == f"{day:%Y%m%d}"
    assert found["OBX6"][5] == "C1^[NAME]^L"
    assert len(found["OBX7"]) < 6 or not found["OBX7"][5]
    assert found["NTE1"][3] == "line of [NAME]"
    assert "ZXX" not in found
    assert result.notes[0].patient_pseudonym == someone.pseudonym


@pytest.mark.parametrize("frame", ["{}", "\x0b{}\x1c\r", "FHS|^~\\&\rBHS|^~\\&\r{}BTS|1\rFTS|1\r"])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_framing_and_line_ends_do_not_matter(frame: str, end: str) -> None:
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
def test_what_is_no_message_is_refused_alone(message: str, reason: str) -> None:
    result = clean(message + MESSAGE.replace("8859/1", ""), "hl7")
    assert [note.reason_code for note in result.notes] == [reason, ""]
    assert "Zyxwell" not in "".join(note.reason for note in result.notes)


def test_other_delimiters() -> None:
    message = "MSH$*:!%$A$B\rPID$1$$P1****MR$$Zyxwell*Anna\rNTE$1$$Quimbleton $1 a|b 1^2!T!d\r"
    message = message.replace(" $1", " !F!1")
    written = text_of(clean(message, "hl7"))
    assert "NTE$1$$[NAME] !F!1 a|b 1^2!T!d\r" in written
    assert f"PID$1$$${patient('P1').pseudonym}" not in written
    assert f"PID$1$${patient('P1').pseudonym}****MR$$" in written


_text = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=40)


@settings(deadline=None)
@given(_text, _text)
def test_no_text_can_end_its_field(one: str, other: str) -> None:
    marks = parse_message("MSH|^~\\&|").delimiters
    message = f"MSH|^~\\&|A\rNTE|1||{marks.escape_text(one)}~{marks.escape_text(other)}|x\rAL1|1\r"
    parsed = parse_message(message)
    assert [segment.name for segment in parsed.segments] == ["MSH", "NTE", "AL1"]
    leaves = [marks.unescape(repetition[0][0]) for repetition in parsed.segments[1].fields[2]]
    assert leaves == [one, other]
    assert parse_message(write_message(parsed)) == parse_message(write_message(parsed))
    rules = "extends: research\nname: t\nversion: '1'\ntext:\n  entities:\n    NAME: surrogate\n"
    data = f"MSH|^~\\&|A\rNTE|1||{marks.escape_text(one + ' Quimbleton ' + other)}\r"
    new = parse_message(text_of(clean(data, "hl7", rules=rules)))
    assert [segment.name for segment in new.segments] == ["MSH", "NTE"]
    assert len(new.segments[1].fields) == 3 and len(new.segments[1].fields[2]) == 1


def test_a_header_alone_sets_delimiters_or_is_refused() -> None:
    assert parse_message("MSH|^~").delimiters.escape == "\\"
    for text in ("MSH", "MSHa^~\\&", "PID|1", "MSH|^^\\&"):
        with pytest.raises(Refusal):
            parse_message(text)


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
def test_encapsulated_data_are_cleaned_by_what_they_are(value: str, kept: str | None) -> None:
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


def test_encapsulated_data_that_are_not_as_stated_refuse_their_message_alone() -> None:
    head = "MSH|^~\\&|A|B|||20200102||ORU^R01|M1|P|2.5\r"
    result = clean(f"{head}OBX|1|ED|x||R^TEXT^plain^Base64^%%%\r{head}NTE|1||fine\r", "hl7")
    assert [note.status for note in result.notes] == [Status.QUARANTINED, Status.DEIDENTIFIED]


def test_a_field_of_words_that_holds_an_identifier_is_empty() -> None:
    head = "MSH|^~\\&|A|B|||20200102||ADT^A08|M1|P|2.5\r"
    result = clean(f"{head}PV1|1|I||||||||SUR||||||||V998877|\rOBX|1|NM|x^y^L||5||12-16\r", "hl7")
    assert "V998877" not in text_of(result) and "SUR" in text_of(result)
    assert "|12-16" in text_of(result)
