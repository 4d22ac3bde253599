from __future__ import annotations

import pytest

from safelight.headers.finding_filter import filter_findings, is_annotated
from safelight.named_rules import count_decisions
from safelight.records import Span
from safelight.text.recognizers.patterns import find_patterns

ACCESSORY_CODE = 0x300A00F9
IMAGE_TYPE, CODE_VALUE, SERIES_DESCRIPTION = 0x00080008, 0x00080100, 0x0008103E


def find(value: str, text: str, entity: str = "NAME", **details: object) -> Span:
    """Return a finding of ``text`` in ``value``."""
    begin = value.lower().index(text.lower())
    values = {"engine": "ner", "confidence": 0.99, **details}
    return Span(begin, begin + len(text), entity, **values)  # type: ignore[arg-type]


def is_phi(value: str, span: Span, vr: str = "LO") -> bool:
    return bool(filter_findings(value, vr, [span], is_technical=True))


# ------------------------------------------------------------------ which values are annotated


@pytest.mark.parametrize(
    ("tag", "vr", "value", "annotated"),
    [
        (SERIES_DESCRIPTION, "LO", "AXIAL", True),
        (SERIES_DESCRIPTION, "LO", "  ", False),
        (CODE_VALUE, "SH", "Ockham", False),
        (CODE_VALUE, "SH", "T-D1100 G-1", False),
        (ACCESSORY_CODE, "LO", "Seen by Dr. Ockham", True),
        (0x00180060, "DS", "120", False),
        (IMAGE_TYPE, "CS", "MPRAGE", False),
        (IMAGE_TYPE, "CS", "OCKHAM", True),
        (IMAGE_TYPE, "CS", "CT_OCKHAM", True),
        (IMAGE_TYPE, "CS", "HELICAL MODE", False),
        (IMAGE_TYPE, "CS", "Call (848) 462-2378 with results", True),
        (IMAGE_TYPE, "CS", "Compared with study of Oct 13, 2005", True),
        (IMAGE_TYPE, "CS", "MODE 12345", False),
        (CODE_VALUE, "UC", "MRN 6251652", True),
        (CODE_VALUE, "SH", "CT 12345", False),
    ],
)
def test_free_text_and_unusual_codes_are_annotated(
    tag: int, vr: str, value: str, annotated: bool
) -> None:
    assert is_annotated(tag, vr, value) is annotated


# ------------------------------------------------------------------ descriptions


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Neck^Parathyroid_4D", []),
        ("Abdomen^AbdRoutine", []),
        ("SIEMENS^BRAIN^GENERAL", []),
        ("Head^Routine", []),
        ("Abdomen^OCKHAM_KIDNEY", ["OCKHAM"]),
        ("Knee^SMITH", ["SMITH"]),
        ("Long^Rose", ["Long^Rose"]),
        ("Head^William", ["Head^William"]),
        ("OCKHAM^JOHN", ["OCKHAM^JOHN"]),
    ],
)
def test_terms_joined_by_carets_are_not_names(value: str, names: list[str]) -> None:
    spans = [span for span in find_patterns(value) if span.entity == "NAME"]
    assert spans
    found = filter_findings(value, "LO", spans, is_technical=False)
    assert [value[span.begin : span.end] for span in found] == names


@pytest.mark.parametrize(
    ("value", "begin", "confidence", "engine", "found"),
    [
        ("PTV_5040", 4, 0.43, "ner", False),  # a dose in cGy, in the nomenclature of TG-263
        ("t2_320", 3, 0.43, "ner", True),  # after a digit, so it may be an identifier
        ("PTV_5040", 4, 0.95, "ner", True),
        ("PTV_5040", 4, 0.43, "known", True),
        ("PTV_50401234", 4, 0.43, "ner", True),
        ("PTV 5040", 4, 0.43, "ner", True),
    ],
)
def test_few_digits_joined_to_term_are_not_an_identifier(
    value: str, begin: int, confidence: float, engine: str, found: bool
) -> None:
    span = Span(begin, len(value), "ID", engine, confidence)
    assert bool(filter_findings(value, "LO", [span], is_technical=False)) == found


# ------------------------------------------------------------------ rules for technical text


@pytest.mark.parametrize("name", ["Αικατερίνη Παπαδόπουλος", "Наталья Щербакова", "כהן רבקה"])
def test_a_guessed_name_in_another_script_is_phi(name: str) -> None:
    value = f"Crohn enterography. Contact {name}, mother"
    begin = value.index(name)
    span = Span(begin, begin + len(name), "NAME", "ner", 0.4)
    assert filter_findings(value, "LT", [span], is_technical=False)


def test_identifying_subtype_is_phi() -> None:
    assert is_phi("by 12 Quarry Lane", find("by 12 Quarry Lane", "12 Quarry Lane", "LOCATION",
                                            subtype="STREET"))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mercy Lakeside Medical Center", True),
        ("Tri-Valley Radiology Group", True),
        ("Siemens Healthcare", False),
        ("Quail Ridge", False),
    ],
)
def test_institution_is_phi_and_other_places_are_not(text: str, found: bool) -> None:
    value = f"IEMENS {text}"
    assert is_phi(value, find(value, text, "LOCATION", confidence=0.8)) is found


def test_number_is_not_phi() -> None:
    assert not is_phi("300451", find("300451", "300451", "ID"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("50.80.103.002", False),
        ("jo@example.org", True),
        ("+44 20 7946 0018", True),
        ("01 55 73 25 63", True),
        ("55 73 25 63", False),
    ],
)
def test_contact_is_phi_unless_it_is_a_version(text: str, found: bool) -> None:
    assert is_phi(f"coil {text}", find(f"coil {text}", text, "CONTACT")) is found


@pytest.mark.parametrize("label", ["Tel. ", "tél: ", "phone ", "call "])
def test_number_after_label_of_a_phone_is_phi(label: str) -> None:
    value = f"fse-xl {label}0752 5553595"
    assert is_phi(value, find(value, "0752 5553595", "CONTACT"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12/02/2017", True),
        ("20171202", True),
        ("March 6, 2016", True),
        ("2016-03", False),
        ("12.02.17", False),
    ],
)
def test_day_of_a_year_is_phi_unless_the_attribute_names_a_product(text: str, found: bool) -> None:
    value = f"Bay 3 {text}"
    span = find(value, text, "DATE")
    assert is_phi(value, span) is found
    assert filter_findings(value, "LO", [span], is_technical=True, is_product=True) == []


@pytest.mark.parametrize(("entity", "subtype"), [("CONTACT", "IP"), ("CONTACT", ""), ("ID", "")])
@pytest.mark.parametrize(("text", "found"), [("10.237.244.34", True), ("10.4.55.123", False)])
def test_ip_address_is_phi_unless_it_may_be_a_version(
    text: str, found: bool, entity: str, subtype: str
) -> None:
    value = f"Bay 3 {text}"
    assert is_phi(value, find(value, text, entity, subtype=subtype)) is found


def test_line_of_products_is_not_phi() -> None:
    span = find("SIGNA Architect", "SIGNA", engine="gazetteer", confidence=0.9)
    assert not is_phi("SIGNA Architect", span)


def test_model_after_a_line_of_products_is_not_a_name() -> None:
    span = find("MAGNETOM Vida", "MAGNETOM Vida", confidence=0.9)
    assert filter_findings("MAGNETOM Vida", "LO", [span], True, is_product=True) == []


@pytest.mark.parametrize(
    ("value", "found"), [("loaner from Dr. Marsh", True), ("table near marsh", False)]
)
def test_word_after_title_is_phi(value: str, found: bool) -> None:
    assert is_phi(value, find(value, "marsh", confidence=0.7)) is found


@pytest.mark.parametrize("value", ["ABBOTT", "Zimmer Biomet, Inc."])
def test_manufacturer_is_not_phi(value: str) -> None:
    assert not is_phi(value, find(value, value[:6]))


def test_words_joined_by_underscores_are_not_phi() -> None:
    assert not is_phi("EIS_eCoil", find("EIS_eCoil", "EIS_eCoil"))


def test_two_unknown_words_are_phi() -> None:
    assert is_phi("by Ockham Tavrid", find("by Ockham Tavrid", "Ockham Tavrid", confidence=0.6))


def test_adjacent_names_count_together() -> None:
    value = "by Emily Davis"
    spans = [Span(3, 8, "NAME", "ner", 0.95), Span(9, 14, "NAME", "ner", 0.6)]
    [found] = filter_findings(value, "LO", spans, is_technical=True)
    assert value[found.begin : found.end] == "Emily Davis"


@pytest.mark.parametrize(
    ("value", "vr", "found"),
    [
        ("OCKHAM", "CS", True),
        ("CT_OCKHAM", "CS", True),
        ("user=ockham", "LO", True),
        ("Ockham/1982", "LO", True),
        ("V2.Ockham.7", "LO", False),
    ],
)
def test_confident_name_is_phi_also_if_joined_to_term(value: str, vr: str, found: bool) -> None:
    assert is_phi(value, find(value, "ockham", confidence=0.97), vr) is found


def test_less_confident_name_joined_to_term_is_not_phi() -> None:
    assert not is_phi("CT_OCKHAM", find("CT_OCKHAM", "OCKHAM", confidence=0.92), "CS")


@pytest.mark.parametrize("value", ["CT_NWOSU", "NWOSU", "Nwosu/Siemens"])
def test_listed_surname_joined_to_term_is_phi(value: str) -> None:
    assert is_phi(value, find(value, "nwosu", engine="gazetteer", confidence=0.9), "CS")


def test_each_decision_is_counted() -> None:
    with count_decisions() as counts:
        is_phi("300451", find("300451", "300451", "ID"))
    assert counts["header_technical_text", "usual in technical text"] == 1


def test_date_beside_a_person_in_the_name_of_a_product_is_phi() -> None:
    value = "Reported 2005-12-25 by Ockham Vrelimzan"
    date, name = find(value, "2005-12-25", "DATE"), find(value, "Ockham Vrelimzan")
    kept = filter_findings(value, "LO", [date, name], is_technical=True, is_product=True)
    assert {span.entity for span in kept} == {"DATE", "NAME"}
    assert not filter_findings("V1 2005-12-25", "LO", [find("V1 2005-12-25", "2005-12-25", "DATE")],
                               is_technical=True, is_product=True)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "found"),
    [("1.2.826.0.1.3680043.2.53717.8316056938405", True), ("1.2.3.4.5.6", False)],
)
def test_uid_in_technical_text_is_phi_and_a_version_is_not(value: str, found: bool) -> None:
    assert is_phi(value, find(value, value, "ID", subtype="UID", engine="pattern")) is found


@pytest.mark.parametrize(
    ("value", "found", "hidden"),
    [
        ("OKONJO^MARCUS Addison pigmentation", "OKONJO^MARCUS Addison", "OKONJO^MARCUS"),
        ("FAIRWEATHER^AMBROSE Stryker notch", "FAIRWEATHER^AMBROSE Stryker", "FAIRWEATHER^AMBROSE"),
        ("Stargardt disease OS M. Managaard", "OS M. Managaard", "M. Managaard"),
        ("PAS Grocott M. Managaard", "Grocott M. Managaard", "M. Managaard"),
        ("Abdomen KUB M. Marchand-Roux", "M. Marchand-Roux", "M. Marchand-Roux"),
        ("Parkinson protocol DAT M. Vance", "M. Vance", "M. Vance"),
        ("Dr. Warwick GRAPPA 2", "Warwick GRAPPA", "Warwick"),
        ("Smith^John Weber", "Smith^John Weber", "Smith^John Weber"),
        ("CTA Circle of Willis Vrelim Ockham", "Vrelim Ockham", "Vrelim Ockham"),
        ("CTA Circle of Willis Ockham", "Ockham", "Ockham"),
    ],
)
def test_name_beside_a_term_is_hidden_without_the_term(value: str, found: str, hidden: str) -> None:
    spans = filter_findings(value, "LO", [find(value, found)], is_technical=False)
    begin, end = min(span.begin for span in spans), max(span.end for span in spans)
    assert value[begin:end] == hidden


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("Carotid duplex LT Changwon University Hospital", "Changwon University Hospital"),
        ("Gleason 3+4 core B Daejeon University Hospital", "Daejeon University Hospital"),
    ],
)
def test_side_and_letter_before_an_institution_stay(value: str, hidden: str) -> None:
    spans = filter_findings(value, "LO", [], is_technical=False)
    assert [value[span.begin : span.end] for span in spans] == [hidden]
