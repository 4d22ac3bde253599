from __future__ import annotations

import pytest

from safelight.rules import RuleSet, load_rules, parse_rules
from safelight.rules.written_texts import (
    WrittenTexts,
    decode_written_texts,
    encode_written_texts,
)

PROTOCOL, STATION, OPERATORS = 0x00120020, 0x00081010, 0x00081070
SEQUENCE = 0x00400275


def rules(text: str) -> RuleSet:
    return parse_rules(f"name: own\nversion: '1'\nextends: research\n{text}", "own.yaml")


def decode(*given: RuleSet) -> WrittenTexts:
    return decode_written_texts((one.hash, encode_written_texts(one)) for one in given)


@pytest.mark.parametrize("name", ["basic", "research"])
def test_shipped_rules_write_no_text_of_their_own(name: str) -> None:
    assert encode_written_texts(load_rules(name)) == ""
    assert not decode_written_texts([("hash", "")])


def test_a_text_is_known_by_attribute_and_rules() -> None:
    own = rules("elements: [{tag: ClinicalTrialProtocolID, action: literal, value: TRIAL-7}]\n")
    written = decode(own)
    assert written.has(own.hash, (), PROTOCOL, "LO", "TRIAL-7 ")
    assert not written.has(own.hash, (), PROTOCOL, "LO", "TRIAL-8")
    assert not written.has(own.hash, (), STATION, "SH", "TRIAL-7")
    assert not written.has(own.hash, (SEQUENCE,), PROTOCOL, "LO", "TRIAL-7")
    assert not written.has("other rules", (), PROTOCOL, "LO", "TRIAL-7")
    assert written.list_selectors() == ["ClinicalTrialProtocolID"]


def test_the_texts_are_recorded_as_hashes() -> None:
    own = rules("elements: [{tag: OperatorsName, action: literal, value: Quillfeather^Ottoline}]\n")
    encoded = encode_written_texts(own)
    assert encoded == encode_written_texts(own)
    assert "quillfeather" not in encoded.lower()
    assert decode(own).has(own.hash, (), OPERATORS, "PN", "Quillfeather^Ottoline")


def test_additions_texts_and_dummies_are_listed() -> None:
    own = rules(
        "dummies: {SH: STATION}\n"
        "elements: [{tag: '*/OperatorsName', action: text, value: 'READER\\\\STAFF'}]\n"
        "add:\n"
        "  - {tag: ClinicalTrialProtocolID, value: TRIAL-7}\n"
        "  - {tag: ClinicalTrialSiteID, value: '{Modality}-1'}\n"
        "  - tag: ContributingEquipmentSequence\n"
        "    item: {Manufacturer: ACME}\n"
    )
    written = decode(own)
    assert written.has(own.hash, (), STATION, "SH", "STATION")
    assert written.has(own.hash, (), PROTOCOL, "LO", "TRIAL-7")
    assert written.has(own.hash, (SEQUENCE,), OPERATORS, "PN", "STAFF")
    assert written.has(own.hash, (0x0018A001,), 0x00080070, "LO", "ACME")
    assert "*/ClinicalTrialSiteID" not in written.list_selectors()


@pytest.mark.parametrize(
    "elements",
    [
        "{tag: StationName, action: literal, value: ONE, when: {Modality: {equals: CT}}}",
        "{tag: StationName, action: literal, value: ONE, except: ['*/StationName']}",
        "{tag: StationName, action: keep, when: {Modality: {equals: CT}}}, "
        "{tag: StationName, action: literal, value: ONE}",
        "{tag: Station*, action: keep}, {tag: '*/{SH}', action: literal, value: ONE}",
        "{tag: StationName, action: text, value: '{Modality}'}",
        "{tag: StudyDate, action: literal, value: '20200101'}",
    ],
)
def test_a_text_that_not_every_patient_has_is_not_listed(elements: str) -> None:
    assert encode_written_texts(rules(f"elements: [{elements}]\n")) == ""


def test_an_entry_for_another_vr_does_not_matter() -> None:
    own = rules(
        "elements: [{tag: StationName, action: keep}, "
        "{tag: '*/{PN}', action: literal, value: STAFF}]\n"
    )
    assert decode(own).has(own.hash, (SEQUENCE,), OPERATORS, "PN", "STAFF")


def test_an_added_text_under_a_condition_is_not_listed() -> None:
    own = rules(
        "add: [{tag: ClinicalTrialProtocolID, value: TRIAL-7, when: {Modality: {equals: CT}}}]\n"
    )
    assert encode_written_texts(own) == ""
