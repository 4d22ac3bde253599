"""Table E.1-1: size, letters, and rows that changed between editions."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from pydicom.datadict import dictionary_VR

from safelight.standard import confidentiality
from safelight.standard.confidentiality import find_row, load_table
from safelight.standard.options import Option

DATA = Path(confidentiality.__file__).parent / "data"


def test_size_and_letters_of_the_edition():
    rows = load_table()
    assert confidentiality.EDITION == "2026d"
    assert len(rows) == 656  # 657 with the row of private attributes, which is a rule
    basic = Counter(row.basic for row in rows.values())
    assert basic["X"] == 383 + 31 + 2
    assert basic["Z/D"] == 6 and basic["X/Z/U*"] == 2 and basic["X/Z/D"] == 8
    letters = {letter for code in basic for letter in code.split("/")}
    assert letters == {"X", "Z", "D", "U", "U*"}
    assert {code for row in rows.values() for code in row.options.values()} == {"K", "C"}


def test_each_option_has_the_number_of_rows_of_the_standard():
    counts = Counter(option for row in load_table().values() for option in row.options)
    assert counts == {
        Option.RETAIN_UIDS: 60,
        Option.RETAIN_DEVICE_IDENTITY: 59,
        Option.RETAIN_INSTITUTION_IDENTITY: 10,
        Option.RETAIN_PATIENT_CHARACTERISTICS: 19,
        Option.RETAIN_LONG_FULL_DATES: 169,
        Option.RETAIN_LONG_MODIFIED_DATES: 169,
        Option.CLEAN_DESCRIPTORS: 141,
        Option.CLEAN_STRUCTURED_CONTENT: 4,
        Option.CLEAN_GRAPHICS: 4,
    }


@pytest.mark.parametrize(
    ("tag", "basic", "option", "code"),
    [
        (0x00100020, "Z/D", None, ""),
        (0x00080080, "X/Z/D", Option.RETAIN_INSTITUTION_IDENTITY, "K"),
        (0x00081140, "X/Z/U*", Option.RETAIN_UIDS, "K"),
        (0x0040A730, "D", Option.CLEAN_STRUCTURED_CONTENT, "C"),
        (0x0040B020, "X/D", Option.CLEAN_STRUCTURED_CONTENT, "C"),  # new in 2025b
        (0x300A0054, "U", Option.RETAIN_UIDS, "K"),  # new in 2025b
        (0x00100047, "X", Option.RETAIN_PATIENT_CHARACTERISTICS, "K"),  # new in 2025b
        (0x00321033, "X", Option.CLEAN_DESCRIPTORS, "C"),  # changed by 2026d
        (0x0040E012, "X", None, ""),  # new in 2026d
        (0x00081030, "X", Option.CLEAN_DESCRIPTORS, "C"),
        (0x00181203, "Z", Option.RETAIN_DEVICE_IDENTITY, "K"),
    ],
)
def test_a_row_has_its_codes(tag, basic, option, code):
    row = find_row(tag)
    assert row.basic == basic
    assert option is None or row.options[option] == code


def test_repeating_groups_have_rows():
    assert find_row(0x60023000).name == "Overlay Data"
    assert find_row(0x60FE4000).name == "Overlay Comments"
    assert find_row(0x60020010) is None
    assert find_row(0x50041234).name == "Curve Data"
    assert find_row(0x00280010) is None


def test_vrs_agree_with_the_data_dictionary():
    for tag, row in load_table().items():
        if "x" in tag or not row.vr:
            continue
        try:
            known = dictionary_VR(int(tag, 16))
        except KeyError:
            continue  # newer than the dictionary
        assert row.vr == known.split(" ")[0], row.name


def test_resolved_disagreements_of_the_sources_are_recorded():
    with (DATA / "confidentiality_resolved.csv").open(newline="") as stream:
        resolved = list(csv.DictReader(stream))
    assert len(resolved) == 20
    for entry in resolved:
        row = load_table()[entry["tag"]]
        shipped = row.basic if entry["column"] == "basic" else row.options[Option(entry["column"])]
        assert shipped == entry["chosen"]
        assert entry["why"]
