"""Test that HL7 v2 messages are cleaned by the rules of their fields."""

from __future__ import annotations

import datetime

import pytest

from safelight.notes.hl7v2.message_syntax import parse_message
from safelight.notes.hl7v2.messages import Hl7MessageHandler
from safelight.notes.options import NotesOptions
from safelight.notes.text_collector import TextCollector
from tests.notes.helpers import clean, count_calls, patient, text_of

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
    """Return the fields of a message by segment name, for OBX and NTE with their number."""
    found: dict[str, list[str]] = {}
    for line in text.split("\r"):
        fields = line.split("|")
        found[f"{fields[0]}{fields[1]}" if fields[0] in ("OBX", "NTE") else fields[0]] = fields
    return found


@pytest.fixture(scope="module")
def cleaned() -> dict[str, list[str]]:
    """Return the fields of the cleaned message."""
    return lines(text_of(clean(MESSAGE.encode("latin-1"), "hl7")))


@pytest.mark.parametrize("secret", SECRETS)
def test_a_cleaned_message_contains_no_phi(secret: str) -> None:
    assert secret not in text_of(clean(MESSAGE.encode("latin-1"), "hl7"))


def test_the_message_is_about_the_patient_of_pid_3() -> None:
    result = clean(MESSAGE.encode("latin-1"), "hl7")
    assert result.notes[0].patient_pseudonym == patient("P1").pseudonym


def test_the_header_states_the_encoding_of_the_output(cleaned: dict[str, list[str]]) -> None:
    assert cleaned["MSH"][1] == "^~\\&" and cleaned["MSH"][17] == "UNICODE UTF-8"
    assert cleaned["MSH"][8] == "ORU^R01"


def test_the_patient_has_a_pseudonym_and_a_birth_year(cleaned: dict[str, list[str]]) -> None:
    someone = patient("P1")
    birth = datetime.date(1950, 3, 4) + datetime.timedelta(someone.shift_days)
    assert cleaned["PID"][3].startswith(f"{someone.pseudonym}^^^^MR~")
    assert cleaned["PID"][5].split("~")[0] == someone.pseudonym
    assert cleaned["PID"][7:9] == [str(birth.year), "F"]
    assert cleaned["PID"][11] == "^^^MA^021**^USA"


def test_dates_are_shifted_in_their_form(cleaned: dict[str, list[str]]) -> None:
    day = datetime.date(2020, 1, 2) + datetime.timedelta(patient("P1").shift_days)
    assert cleaned["OBX5"][5] == f"{day:%Y%m%d}"


def test_times_of_sending_do_not_show_the_difference_of_two_shifts() -> None:
    outputs = []
    for identifier in ("P1", "P2"):
        message = (
            "MSH|^~\\&|A|B|||20200102101500||ADT^A08|M1|P|2.5\r"
            f"EVN|A08|20200102101502|||44^Doe|20200101\rPID|1||{identifier}^^^^MR||Zyxwell^Anna\r"
        )
        lines = text_of(clean(message.encode(), "hl7")).split("\r")
        outputs.append([line.split("|") for line in lines[:2]])
    assert all(head[6] == "" and event[2] == "" for head, event in outputs)
    assert outputs[0][1][6] != outputs[1][1][6] != ""  # the event is of the patient


def test_equal_identifiers_have_equal_tokens(cleaned: dict[str, list[str]]) -> None:
    assert cleaned["ORC"][2] == cleaned["OBR"][2] != "PL-1"


def test_the_lines_of_a_report_are_one_text(cleaned: dict[str, list[str]]) -> None:
    day = datetime.date(2020, 1, 2) + datetime.timedelta(patient("P1").shift_days)
    assert cleaned["OBX1"][5] == f"[NAME] was seen by [NAME]~on {day} \\T\\ by Müller"
    assert cleaned["OBX3"][5].endswith("one\\.br\\two bold a\\F\\b AB")
    assert cleaned["OBR"][13] == "told by [NAME]" and cleaned["NTE1"][3] == "line of [NAME]"


def test_codes_and_measurements_are_kept(cleaned: dict[str, list[str]]) -> None:
    assert cleaned["OBR"][4] == "71020^CHEST^C4"
    assert cleaned["OBX4"][5:9] == ["13.2", "g/dL", "12-16", "N"]
    assert cleaned["OBX6"][5] == "C1^[NAME]^L"


def test_unlisted_segments_are_removed(cleaned: dict[str, list[str]]) -> None:
    assert "ZXX" not in cleaned


def test_a_pdf_that_cannot_be_opened_is_removed(cleaned: dict[str, list[str]]) -> None:
    assert len(cleaned["OBX7"]) < 6 or not cleaned["OBX7"][5]


def test_other_delimiters_are_kept() -> None:
    message = "MSH$*:!%$A$B\rPID$1$$P1****MR$$Zyxwell*Anna\rNTE$1$$Quimbleton $1 a|b 1^2!T!d\r"
    message = message.replace(" $1", " !F!1")
    written = text_of(clean(message, "hl7"))
    assert "NTE$1$$[NAME] !F!1 a|b 1^2!T!d\r" in written
    assert f"PID$1$$${patient('P1').pseudonym}" not in written
    assert f"PID$1$${patient('P1').pseudonym}****MR$$" in written


def test_an_identifier_in_a_field_of_words_is_removed() -> None:
    head = "MSH|^~\\&|A|B|||20200102||ADT^A08|M1|P|2.5\r"
    result = clean(f"{head}PV1|1|I||||||||SUR||||||||V998877|\rOBX|1|NM|x^y^L||5||12-16\r", "hl7")
    assert "V998877" not in text_of(result) and "SUR" in text_of(result)
    assert "|12-16" in text_of(result)


def test_segments_are_visited_in_linear_time() -> None:
    few, many = (
        count_calls(lambda n=n: Hl7MessageHandler(NotesOptions()).visit_message(
            parse_message("MSH|^~\\&|\r" + "OBX|1|TX|1||x y\r" * n), TextCollector()
        ))
        for n in (100, 1000)
    )  # fmt: skip
    assert many <= 11 * few
