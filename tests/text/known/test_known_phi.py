"""Known values are found in every way in which people write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.text.known.known_phi import KnownPHI, KnownValue

NAME = KnownValue("NAME", "SMITHSON^JOHN^ALAN", "PATIENT")


def found(values: list[KnownValue], text: str, fuzzy: bool = False) -> list[str]:
    return [text[span.begin : span.end] for span in KnownPHI(values).find(text, fuzzy)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CT CHEST Smithson, John A.", ["Smithson, John A"]),
        ("J. Smithson seen", ["J. Smithson"]),
        ("SMITHSON J", ["SMITHSON J"]),
        ("john smithson's mri", ["john smithson"]),
        ("SMITHSON^JOHN^A^^", ["SMITHSON^JOHN^A"]),
        ("file SmithsonJohn_CT", ["SmithsonJohn"]),
        ("user jsmithson", ["jsmithson"]),
        ("Smith son", ["Smith son"]),
        ("Smithsonian museum", []),
        ("Mr. Smithson", ["Smithson"]),
    ],
)
def test_names_in_any_order_case_and_form(text: str, expected: list[str]) -> None:
    assert found([NAME], text) == expected


@pytest.mark.parametrize(
    "text", ["mueller luedenscheidt", "MÜLLER", "Muller", "Mu\u0308ller-Lu\u0308denscheidt", "Zoe"]
)
def test_diacritics_are_folded_and_umlauts_spelt_out(text: str) -> None:
    assert found([KnownValue("NAME", "Müller-Lüdenscheidt^Zoë")], text) == [text]


def test_span_covers_combining_marks() -> None:
    text = "Zoe\u0308!"
    assert found([KnownValue("NAME", "Müller^Zoë")], text) == ["Zoe\u0308"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Long axis view", []),
        ("LONG AXIS", []),
        ("he will go", []),
        ("Mr. Long", ["Long"]),
        ("LONG^WILL", ["LONG^WILL"]),
        ("seen by Will Long", ["Will Long"]),
        ("The patient Long was seen", ["Long"]),
        ("LONG", []),
        ("Will Long", ["Will Long"]),
    ],
)
def test_names_that_are_words_need_support(text: str, expected: list[str]) -> None:
    assert found([KnownValue("NAME", "Long^Will")], text) == expected


def test_coded_fields_are_not_taken_for_names() -> None:
    for name, field in (("CT1^MR1", "MR"), ("Head^Ann", "HEAD"), ("Test^Perfusion", "PERFUSION")):
        assert found([KnownValue("NAME", name)], field) == []
    assert found([KnownValue("NAME", "Rose^Ann")], "Name: rose") == ["rose"]


def test_short_names() -> None:
    values = [KnownValue("NAME", "Li^Na")]
    assert found(values, "LI^NA") == ["LI^NA"]
    assert found(values, "liver and lime") == []


@pytest.mark.parametrize("name", ["Van^Anna", "Do^Anna", "Le, Anna", "Ben^Anna"])
def test_a_particle_or_title_alone_in_its_component_is_a_name(name: str) -> None:
    family = name.split("^")[0].split(",")[0]
    values = [KnownValue("NAME", name)]
    assert found(values, f"{family.upper()}^ANNA") == [f"{family.upper()}^ANNA"]
    assert found(values, f"seen with Mr. {family} here") == [family]
    assert found([KnownValue("NAME", "John Smithson, MD")], "signed by an MD") == []


def test_scripts_without_spaces() -> None:
    values = [KnownValue("NAME", "Yamada^Tarou=山田^太郎=やまだ^たろう")]
    assert found(values, "患者 山田太郎 様") == ["山田太郎"]
    assert found(values, "山田 太郎") == ["山田 太郎"]
    assert found([KnownValue("NAME", "Hong^Gildong=洪^吉洞=홍^길동")], "홍길동님") == ["홍길동"]


@pytest.mark.parametrize(
    "text",
    ["19800102", "01/02/1980", "2 Jan 1980", "January 2nd, 1980", "1980-01-02", "1/2/80",
     "02.01.1980", "2-JAN-80", "02JAN1980", "January 2", "2 de enero de 1980", "2. Januar 1980",
     "1980/1/2", "01021980", "1980年1月2日"],
)  # fmt: skip
def test_a_known_date_in_every_format(text: str) -> None:
    assert found([KnownValue("DATE", "19800102", "DOB")], f"x {text} y") == [text]


def test_other_dates_are_not_the_known_one() -> None:
    assert found([KnownValue("DATE", "19800102")], "19800103 and 1980, 12/80 3 Jan") == []


def test_identifiers_with_any_separators_and_zeros() -> None:
    values = [KnownValue("ID", "0012345678", "MRN"), KnownValue("ID", "AB-00123")]
    assert found(values, "MRN12345678") == ["12345678"]
    assert found(values, "0012-345-678") == ["0012-345-678"]
    assert found(values, "ab123, AB 00123") == ["ab123", "AB 00123"]
    assert found(values, "123456789, 112345678") == []


def test_phone_address_and_institution() -> None:
    values = [
        KnownValue("CONTACT", "(555) 123-4567"),
        KnownValue("LOCATION", "12 Main Street, Springfield, IL 62701"),
        KnownValue("LOCATION", "Mercy General Hospital"),
    ]
    assert found(values, "call 555.123.4567 or 123-4567") == ["555.123.4567", "123-4567"]
    assert found(values, "12 main st springfield") == ["12 main st", "springfield"]
    assert found(values, "at Mercy Gen Hosp") == ["Mercy Gen Hosp"]


@pytest.mark.parametrize("value", ["ANONYMOUS", "UNKNOWN", "NA", "N/A", "^^^^", "0000", "", "xxx"])
def test_placeholders_are_not_known_values(value: str) -> None:
    for entity in ("NAME", "ID", "LOCATION"):
        assert not KnownPHI([KnownValue(entity, value)])


def test_common_tokens_do_not_blank_everything() -> None:
    values = [KnownValue("NAME", "B^A"), KnownValue("ID", "1"), KnownValue("ID", "2019")]
    assert found(values, "a 1 of 2 images, in 2019, vitamin B") == []
    assert found(values, "ID: 1") == ["1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SM1THSON, J0HN", ["SM1THSON", "J0HN"]),
        ("SMITHS0M", ["SMITHS0M"]),
        ("0O12345678", ["0O12345678"]),
        ("1/2/l98O", ["1/2/l98O"]),
        ("chest and head", []),
    ],
)
def test_misread_values(text: str, expected: list[str]) -> None:
    values = [NAME, KnownValue("ID", "0012345678"), KnownValue("DATE", "19800102")]
    assert found(values, text, fuzzy=True) == expected


WRITTEN = st.sampled_from(
    ["Smithson, John", "JOHN SMITHSON", "smithson^john", "J. Smithson", "Smithson"]
)


@given(st.text(max_size=40), WRITTEN, st.text(max_size=40))
def test_offsets_survive_any_unicode(before: str, name: str, after: str) -> None:
    text = before + "\n" + name + "\n" + after
    spans = KnownPHI([NAME]).find(text)
    begin = len(before) + 1
    covered = [span for span in spans if span.begin <= begin and span.end >= begin + len(name)]
    assert covered, spans
    assert all(0 <= span.begin < span.end <= len(text) for span in spans)


@given(st.text(min_size=1, max_size=30), st.sampled_from(["NAME", "ID", "CONTACT", "LOCATION"]))
def test_any_value_compiles_and_no_text_breaks_it(value: str, entity: str) -> None:
    KnownPHI([KnownValue(entity, value), KnownValue("DATE", value)]).find(value + " x", fuzzy=True)


def test_a_megabyte_is_read_and_one_character_too() -> None:
    text = "The patient was seen with Smithson on three days. " * 20_000
    known = KnownPHI([NAME, KnownValue("ID", "12345678"), KnownValue("DATE", "19800102")])
    started = time.perf_counter()
    assert len(known.find(text)) == 20_000
    assert time.perf_counter() - started < 20  # seconds; a quadratic search takes minutes
    assert known.find("x") == []
    assert known.find("") == []


@pytest.mark.parametrize(
    "text", ["MRI Young knee", "BRAIN_YOUNG", "Young VMAT", "YOUNG", "ax t2 young", "King CT"]
)
def test_a_surname_that_is_no_term_of_imaging_is_found_in_a_title(text: str) -> None:
    known = KnownPHI([KnownValue("NAME", "YOUNG^A"), KnownValue("NAME", "KING^LEAR")])
    [span] = known.find(text)
    assert text[span.begin : span.end].lower() in ("young", "king")


@pytest.mark.parametrize("text", ["PTV Head", "HEAD LONG AXIS", "Fast T2 Head", "head wo"])
def test_a_surname_that_is_a_term_of_imaging_stays_in_a_title(text: str) -> None:
    known = KnownPHI([KnownValue("NAME", "HEAD^A")])
    assert not known.find(text)


@pytest.mark.parametrize(
    "text", ["rOsSi PELVIS", "sMiTh PELVIS", "PTV Ng", "Ng skin A1", "mcdonald AX"]
)
def test_odd_capitals_and_short_names_of_a_title(text: str) -> None:
    values = [KnownValue("NAME", name) for name in ("ROSSI^G", "SMITH^A", "NG^SIEW", "McDonald^A")]
    assert len(KnownPHI(values).find(text)) == 1


def test_a_name_that_is_an_account_s_is_found() -> None:
    known = KnownPHI([KnownValue("NAME", "Reader7^Ivo"), KnownValue("NAME", "User2")])
    text = "segmentation - User2, trial 2, reader7; user20 and user 2"
    assert [text[s.begin : s.end] for s in known.find(text)] == ["User2", "reader7"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HOLLINGS", ["HOLLINGS"]),  # a file ID
        ("DR_HOLLINGSWOR", ["HOLLINGSWOR"]),  # a short string, cut at its end
        ("AE HOLLINGSWORTH", ["HOLLINGSWORTH"]),
        ("HOLLING", []),
        ("HOLLINGSHEAD", []),
        ("PERFUSIO", []),
    ],
)
def test_a_long_name_that_a_field_cut_off(text: str, expected: list[str]) -> None:
    names = [KnownValue("NAME", name) for name in ("HOLLINGSWORTH^ABE", "PERFUSION^CT")]
    assert found(names, text) == expected
