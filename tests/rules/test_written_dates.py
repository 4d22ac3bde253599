from __future__ import annotations

from pathlib import Path

import pytest

from safelight.rules import RuleSet, load_rules, parse_rules
from safelight.rules.written_dates import decode_written_dates, find_written_dates

STUDY_DATE, BIRTH_DATE, ACQUISITION = 0x00080020, 0x00100030, 0x0008002A
PRIVATE_DATE = 0x00191011


def rules(text: str) -> RuleSet:
    return parse_rules(f"name: own\nversion: '1'\nextends: research\n{text}", "own.yaml")


def test_rules_without_dates_of_their_own_have_none() -> None:
    assert not find_written_dates(load_rules("basic"))
    assert not find_written_dates(load_rules("research"))


def test_literals_dummies_and_additions_are_listed() -> None:
    found = find_written_dates(
        rules(
            "dummies: {DA: '19500607', LO: '1234'}\n"
            "elements:\n"
            "  - {tag: StudyDate, action: literal, value: '20200101'}\n"
            "  - {tag: StudyID, action: literal, value: '20300101'}\n"
            "add:\n"
            "  - {tag: ContentTime, value: '120000'}\n"
            "  - {tag: '(0013,\"TRIAL\",10)', vr: DA, value: '20600101'}\n"
            "  - tag: ContributingEquipmentSequence\n"
            "    item: {Manufacturer: '20400101', ContributionDateTime: '20500101'}\n"
        )
    )
    assert found.literals == {"19500607", "20200101", "120000", "20500101", "20600101"}


def test_literals_under_a_condition_are_listed_apart() -> None:
    when = "when: {Modality: {equals: MR}}"
    found = find_written_dates(
        rules(
            "elements:\n"
            f"  - {{tag: StudyDate, action: literal, value: '20200101', {when}}}\n"
            f"  - {{tag: SeriesDate, action: literal, value: '20200102', {when}}}\n"
            "  - {tag: SeriesDate, action: literal, value: '20200102'}\n"
            f"add: [{{tag: ContentDate, value: '20200103', {when}}}]\n"
        )
    )
    assert (found.literals, found.conditional) == ({"20200102"}, {"20200101", "20200103"})
    other = find_written_dates(rules("dummies: {DA: '20200103'}\n"))
    joined = decode_written_dates([found.encode(), other.encode(), '[["20200104"], []]'])
    assert joined.literals == {"20200102", "20200103", "20200104"}
    assert joined.conditional == {"20200101"}


@pytest.mark.parametrize(
    "entries",
    [
        "  - {tag: StudyDate, action: literal, value: '20200101', except: [SeriesDate]}\n",
        "  - {tag: StudyDate, action: keep, when: {Modality: {equals: CT}}}\n"
        "  - {tag: StudyDate, action: literal, value: '20200101'}\n",
    ],
)
def test_a_literal_with_an_exception_or_after_another_entry_is_conditional(entries: str) -> None:
    text = f"elements:\n{entries}  - {{tag: SeriesDate, action: literal, value: '20300101'}}\n"
    found = find_written_dates(rules(text))
    assert (found.literals, found.conditional) == ({"20300101"}, {"20200101"})


@pytest.mark.parametrize("vr", ["DA", "DT"])
def test_the_precision_of_all_dates_holds_for_private_ones(vr: str) -> None:
    found = find_written_dates(rules("dates: {precision: quarter}\n"))
    assert found.find_precision(STUDY_DATE, vr) == "quarter"
    assert found.find_precision(PRIVATE_DATE, vr) == "quarter"


def test_the_lowest_precision_of_an_attribute_counts() -> None:
    found = find_written_dates(
        rules(
            "elements:\n"
            "  - {tag: StudyDate, action: generalise, to: month}\n"
            "  - {tag: '*/StudyDate', action: generalise, to: year}\n"
            "  - {tag: AcquisitionDateTime, action: regex, pattern: '..$', replace: '01'}\n"
        )
    )
    assert found.find_precision(STUDY_DATE, "DA") == "year"
    assert found.find_precision(ACQUISITION, "DT") == "unknown"
    assert found.find_precision(0x00080021, "DA") == "day"


def test_the_example_for_years_generalises_all_dates() -> None:
    example = Path(__file__).parents[2] / "conf/rules/examples/gdpr-year-only.yaml"
    found = find_written_dates(load_rules(str(example)))
    assert found.find_precision(STUDY_DATE, "DA") == "year"


def test_encoded_dates_of_several_runs_are_joined() -> None:
    one = find_written_dates(rules("dates: {precision: month}\n"))
    other = find_written_dates(
        rules("elements: [{tag: StudyDate, action: literal, value: '20200101'}]\n")
    )
    joined = decode_written_dates([one.encode(), "", other.encode()])
    assert joined.literals == {"20200101"}
    assert joined.find_precision(BIRTH_DATE, "DA") == "month"
    assert not decode_written_dates([])
