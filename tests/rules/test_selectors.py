"""Elements that selectors select, and at which depth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.rules.selectors import PRIVATE_SEQUENCE, parse_selector

STUDY_DATE, NAME, SEQUENCE = 0x00080020, 0x00100010, 0x00081140


def matches(text, tag, vr="LO", path=()):
    return parse_selector(text).matches(path, tag, vr)


def test_forms_of_a_selector():
    assert matches("PatientName", NAME) and not matches("PatientName", STUDY_DATE)
    assert matches("(0010,0010)", NAME)
    assert matches("(60xx,3000)", 0x60023000) and not matches("(60xx,3000)", 0x60024000)
    assert matches("Patient*", NAME) and not matches("Patient*", STUDY_DATE)
    assert matches("*", NAME)
    assert matches("{DA}", STUDY_DATE, "DA") and not matches("{DA}", STUDY_DATE, "TM")


def test_the_prefix_selects_the_depth():
    inside = (SEQUENCE,)
    assert matches("PatientName", NAME) and not matches("PatientName", NAME, path=inside)
    assert matches("*/PatientName", NAME) and matches("*/PatientName", NAME, path=inside)
    assert not matches("+/PatientName", NAME) and matches("+/PatientName", NAME, path=inside)


def test_a_path_selects_inside_its_sequences():
    path = "ReferencedImageSequence/PatientName"
    assert matches(path, NAME, path=(SEQUENCE,))
    assert not matches(path, NAME)
    assert not matches(path, NAME, path=(0x00081111,))
    assert not matches(path, NAME, path=(0x00081115, SEQUENCE))
    assert matches(f"*/{path}", NAME, path=(0x00081115, SEQUENCE))
    assert matches("(0008,1140)/(0010,0010)", NAME, path=(SEQUENCE,))
    assert not matches("*/{SQ}/PatientName", NAME, path=(PRIVATE_SEQUENCE,))


def test_a_private_selector_matches_creator_and_low_byte():
    selector = parse_selector('(0019,"SIEMENS MR HEADER",0c)')
    assert selector.is_private
    assert selector.matches_private((), "SIEMENS MR HEADER ", 0x0019, 0x0C)
    assert not selector.matches_private((), "SIEMENS MR HEADER", 0x0019, 0x0D)
    assert not selector.matches_private((), "OTHER", 0x0019, 0x0C)
    assert not selector.matches_private((SEQUENCE,), "SIEMENS MR HEADER", 0x0019, 0x0C)
    block = parse_selector("*/(0019,'A/B',xx)")
    assert block.matches_private((SEQUENCE,), "A/B", 0x0019, 0xFF)
    assert not selector.matches((), 0x0019100C, "DS")


def test_a_private_number_matches_one_block_whatever_its_creator():
    selector = parse_selector("(0019,10xC)")
    assert selector.is_private and selector.tag is None
    assert selector.matches_private((), "ACME", 0x0019, 0x100C)
    assert selector.matches_private((), "", 0x0019, 0x10FC)
    assert not selector.matches_private((), "ACME", 0x0019, 0x110C)
    assert not selector.matches((), 0x0019100C, "DS")
    assert parse_selector("*/(0019,xxxx)").covers(parse_selector("(0019,100c)"))


@pytest.mark.parametrize(
    "text",
    ["", "PatientNam", "(0019,0010)", "(0019,00xx)", "(10,10)", "{DAT}", "Patient Name", "**/",
     "/PatientName", "(0019,CREATOR,0c)", "a/", "(00gg,0010)"],
)  # fmt: skip
def test_an_invalid_selector_is_refused(text):
    with pytest.raises(ValueError, match=r"keyword|private"):
        parse_selector(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        selector = parse_selector(text)
    except ValueError:
        return
    assert selector.parts


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("*/PatientName", "PatientName", True),
        ("*/PatientName", "+/PatientName", True),
        ("PatientName", "*/PatientName", False),
        ("Patient*", "(0010,0010)", True),
        ("*/{PN}", "ReferencedImageSequence/PatientName", True),
        ("{PN}", "ReferencedImageSequence/PatientName", False),
        ("(60xx,3000)", "(6002,3000)", True),
        ("(60xx,3000)", "(60xx,4000)", False),
        ('(0019,"A",xx)', '(0019,"A",01)', True),
        ('(0019,"A",01)', '(0019,"B",01)', False),
        ("ReferencedImageSequence/PatientName", "PatientName", False),
    ],
)
def test_a_selector_covers_another(first, second, expected):
    assert parse_selector(first).covers(parse_selector(second)) is expected


@given(
    first=st.sampled_from(["*/PatientName", "Patient*", "{PN}", "+/(0010,00xx)", "PatientName"]),
    second=st.sampled_from(["PatientName", "+/PatientName", "*/PatientName", "(0010,0010)"]),
    path=st.lists(st.sampled_from([SEQUENCE, 0x00081115]), max_size=3),
    tag=st.sampled_from([NAME, 0x00100020, STUDY_DATE]),
)
def test_a_covering_selector_matches_too(first, second, path, tag):
    a, b = parse_selector(first), parse_selector(second)
    vr = {NAME: "PN", STUDY_DATE: "DA"}.get(tag, "LO")
    if a.covers(b) and b.matches(tuple(path), tag, vr):
        assert a.matches(tuple(path), tag, vr)


def test_a_selector_is_in_the_dictionary():
    assert parse_selector("(60xx,3000)").is_in_dictionary()
    assert not parse_selector("(0018,9999)").is_in_dictionary()
    assert not parse_selector("Foo*").is_in_dictionary()
    assert parse_selector("{SV}").is_in_dictionary()


def test_a_vr_that_is_not_in_the_standard_is_an_error():
    with pytest.raises(ValueError, match=r"a VR \(AE, AS, .*\) instead of \{ZZ\}"):
        parse_selector("{ZZ}")


def test_keywords_of_repeating_groups_select_all_groups():
    selector = parse_selector("*/OverlayData")
    assert selector.matches((), 0x60023000, "OW") and not selector.matches((), 0x60020010, "US")


@pytest.mark.parametrize(
    ("pattern", "creator", "expected"),
    [
        ("A*", "ABC", True), ("*C", "ABC", True), ("A*B*C", "AxBxC", True), ("A*A", "A", False),
        ("*B*", "ABC", True), ("A**C", "AC", True), ("*", "", True), ("A*B", "AC", False),
        ("A*B*B", "AB", False), ("a*c", "ABC", True),
    ],
)  # fmt: skip
def test_a_star_is_any_characters_of_a_creator(pattern, creator, expected):
    selector = parse_selector(f'(0019,"{pattern}",0c)')
    assert selector.matches_private((), creator, 0x19, 0x0C) is expected


def test_a_long_creator_does_not_backtrack():
    selector = parse_selector(f'(0019,"{"A*" * 15}B",0c)')
    assert not selector.matches_private((), "A" * 60_000, 0x19, 0x0C)
