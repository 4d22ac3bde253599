from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pydicom.dataset import Dataset

from safelight.records import Annotate, Reason, Result, Span, Status
from safelight.rules import parse_rules
from tests.headers.objects import (
    add_raw,
    deidentify,
    find_nothing,
    make_code,
    make_deidentifier,
    make_name_model,
    make_object,
    method_codes,
    read,
    to_bytes,
)

PATIENT_NAME, SOFTWARE = 0x00100010, 0x00181020
SERIES_DESCRIPTION = 0x0008103E


def find_in(value: str, *spans: Span) -> Annotate:
    """Return a text model that finds spans in one value and nothing in other values."""
    return lambda texts: [list(spans) if text == value else [] for text in texts]


# ------------------------------------------------------------------ free text


def test_free_text_is_removed_without_text_model() -> None:
    new, _ = deidentify(make_object(SeriesDescription="AXIAL", ImageComments="call Hargreave"))
    assert "SeriesDescription" not in new and "ImageComments" not in new
    assert "113105" not in method_codes(new)


def deidentify_descriptions() -> tuple[Dataset, Result]:
    """De-identify a description with a span and one with a known value."""
    value = "AXIAL for Smith"
    ds = make_object(SeriesDescription=value, StudyDescription="CHEST HARGREAVE TOMAS")
    return deidentify(ds, annotate=find_in(value, Span(10, 15, "NAME", "ner")))


def test_span_of_text_model_is_masked() -> None:
    new, _ = deidentify_descriptions()
    assert new.SeriesDescription == "AXIAL for [NAME]"


def test_known_value_is_masked() -> None:
    new, _ = deidentify_descriptions()
    assert new.StudyDescription.startswith("CHEST ") and "HARGREAVE" not in new.StudyDescription


def test_masked_spans_are_recorded_with_their_engine() -> None:
    _, result = deidentify_descriptions()
    assert {finding.engine for finding in result.findings} == {"ner", "known"}


def test_clean_descriptors_is_stated_for_cleaned_text() -> None:
    new, _ = deidentify_descriptions()
    assert "113105" in method_codes(new)


def test_known_value_is_removed_from_kept_text() -> None:
    new, _ = deidentify(make_object(ManufacturerModelName="Scanner of Hargreave"))
    assert "argreave" not in new.ManufacturerModelName


@pytest.mark.parametrize(("value", "expected"), [("Overlay Test", None), ("Grace Hill", "[NAME]")])
def test_ordinary_words_are_kept_in_description(value: str, expected: str | None) -> None:
    annotate = find_in(value, Span(0, len(value), "NAME", "ner", 0.99))
    new, _ = deidentify(make_object(SeriesDescription=value), annotate=annotate)
    assert new.SeriesDescription == (expected or value)


@pytest.mark.parametrize(
    ("vr", "tag", "value", "expected"),
    [
        ("LO", 0x00181400, b"ROUTINE\0\0Hargreave\0", "ROUTINE"),
        ("SH", 0x00181210, b"B30f\0x", "B30f"),
    ],
)
def test_text_after_nul_is_removed(vr: str, tag: int, value: bytes, expected: str) -> None:
    new, _ = deidentify(add_raw(make_object(), tag, vr, value), annotate=make_name_model())
    assert new[tag].value == expected


# ------------------------------------------------------------------ character sets


@pytest.mark.parametrize(
    ("character_set", "name", "text", "word"),
    [
        ("ISO_IR 192", "Müller^Åsa", "für Müller", "Müller"),
        ("ISO_IR 100", "Müller^Jörg", "für Müller", "Müller"),
        ("ISO_IR 144", "Люкceмбypг", "для Люкceмбypг", "Люкceмбypг"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "山田 CHEST", "山田"),
    ],
)
def test_known_name_is_found_in_its_character_set(
    character_set: str | list[str], name: str, text: str, word: str
) -> None:
    ds = make_object(SpecificCharacterSet=character_set)
    ds.PatientName, ds.StudyDescription = name, text
    new, _ = deidentify(ds, annotate=find_nothing)
    assert word not in str(new.StudyDescription)


@pytest.mark.parametrize(
    ("stated", "written"), [("ISO_IR 100", "utf-8"), ("ISO_IR 192", "latin-1"), (None, "utf-8")]
)
def test_name_in_other_character_set_than_stated_is_removed(
    stated: str | None, written: str
) -> None:
    ds = make_object()
    if stated:
        ds.SpecificCharacterSet, ds.PatientName = stated, "Schäfer^Jörg"
    else:
        add_raw(ds, PATIENT_NAME, "PN", "Schäfer^Jörg".encode())
    value = "Schäfer".encode(written)
    add_raw(ds, SERIES_DESCRIPTION, "LO", value + b" " * (len(value) % 2))
    add_raw(ds, SOFTWARE, "LO", "by Jörg ".encode(written))
    result = make_deidentifier(annotate=find_nothing).deidentify(to_bytes(ds))
    assert result.data is not None and value not in result.data
    assert "Jörg".encode(written) not in result.data


@pytest.mark.parametrize("stated", [None, "ISO_IR 100", "ISO_IR 192"])
@pytest.mark.parametrize("written", ["shift_jis", "iso8859_7", "euc_kr", "cp1251"])
def test_text_in_another_script_than_stated_is_removed(stated: str | None, written: str) -> None:
    texts = {
        "shift_jis": "佐藤花子",
        "iso8859_7": "Γεώργιος",
        "euc_kr": "김희중",
        "cp1251": "Иванов",
    }
    ds = make_object()
    if stated:
        ds.SpecificCharacterSet = stated
    value = f"CT {texts[written]}".encode(written)
    add_raw(ds, SERIES_DESCRIPTION, "LO", value + b" " * (len(value) % 2))
    new, _ = deidentify(ds, annotate=find_nothing)
    assert "SeriesDescription" not in new


def test_text_in_utf8_without_a_character_set_is_read() -> None:
    ds = add_raw(make_object(), SERIES_DESCRIPTION, "LO", "Schädel Åsa Öhman".encode())
    texts: list[str] = []
    make_deidentifier(annotate=lambda given: texts.extend(given) or []).deidentify(to_bytes(ds))
    assert "Schädel Åsa Öhman" in texts


# ------------------------------------------------------------------ technical text that is kept


def test_name_in_technical_text_is_masked_and_recorded() -> None:
    ds = make_object(SoftwareVersions=["V2.1", "by Ockham"], ManufacturerModelName="Ingenia")
    new, result = deidentify(ds, annotate=make_name_model())
    assert new.SoftwareVersions == ["V2.1", "by [NAME]"] and new.ManufacturerModelName == "Ingenia"
    [finding] = result.findings
    assert (finding.location, finding.entity, finding.engine) == ("(0018,1020)", "NAME", "ner")


def test_number_in_technical_text_is_kept() -> None:
    new, _ = deidentify(make_object(SoftwareVersions="300451"), annotate=make_name_model())
    assert new.SoftwareVersions == "300451"


def test_uncertain_name_in_technical_text_is_kept() -> None:
    new, _ = deidentify(make_object(ReceiveCoilName="Ockham"), annotate=make_name_model(0.4))
    assert new.ReceiveCoilName == "Ockham"


def test_adjacent_given_name_and_surname_are_masked_together() -> None:
    value = "by Emily Davis"
    spans = Span(3, 8, "NAME", "ner", 0.95), Span(9, 14, "NAME", "ner", 0.6)
    new, _ = deidentify(make_object(ReceiveCoilName=value), annotate=find_in(value, *spans))
    assert new.ReceiveCoilName == "by [NAME]"


@pytest.mark.parametrize(
    ("value", "text", "entity", "subtype"),
    [
        ("50.80.103.002", "50.80.103.002", "CONTACT", "PHONE"),
        ("G.E. Medical Systems", "G.E", "NAME", ""),
        ("EIS_eCoil", "EIS_eCoil", "NAME", ""),
        ("https://github.com/QIICR/Slicer", "QIICR", "NAME", ""),
        ("$Id: datadefs,v 5.27", "datadefs,v", "NAME", ""),
        ("syngo agent", "agent", "PROFESSION", ""),
    ],
)
def test_technical_text_that_models_mistake_is_kept(
    value: str, text: str, entity: str, subtype: str
) -> None:
    begin = value.index(text)
    span = Span(begin, begin + len(text), entity, "ner", 0.99, subtype)
    new, _ = deidentify(make_object(SoftwareVersions=value), annotate=find_in(value, span))
    assert new.SoftwareVersions == value


@pytest.mark.parametrize(
    ("manufacturer", "institution", "kept"),
    [
        ("SIEMENS Quail Ridge Imaging Associates", "Quail Ridge Imaging Associates", False),
        ("Quail Ridge Instruments", "Quail Ridge Instruments", True),
        ("SIEMENS Healthineers", "SIEMENS", True),
        ("St. Brannock Hospital", "St. Brannock Hospital", False),
        ("Philips Medical Systems", "Philips Healthcare", True),
    ],
)
def test_institution_next_to_manufacturer_is_removed(
    manufacturer: str, institution: str, kept: bool
) -> None:
    ds = make_object(Manufacturer=manufacturer, InstitutionName=institution)
    new, _ = deidentify(ds, annotate=make_name_model())
    assert (new.get("Manufacturer") == manufacturer) is kept
    assert kept or institution not in new.get("Manufacturer", "")


def test_institution_is_removed_from_software_version() -> None:
    ds = make_object(
        InstitutionAddress="Tewksbury Hospital", SoftwareVersions="5.4 Tewksbury Hospital"
    )
    assert "Tewksbury" not in deidentify(ds)[0].SoftwareVersions


def own_rules(text: str) -> Any:
    return parse_rules(f"name: own\nversion: 1\nextends: research\n{text}\n", "own")


def test_rules_may_quarantine_kept_text_with_name() -> None:
    rules = own_rules("text: {second_guess: quarantine}")
    data = to_bytes(make_object(SoftwareVersions="by Ockham"))
    result = make_deidentifier(rules, annotate=make_name_model()).deidentify(data)
    assert result.status is Status.QUARANTINED
    assert result.reason_code == Reason.HEADER_PHI_REMAINS.value
    assert "(0018,1020)" in result.reason and "Ockham" not in result.reason


def test_rules_may_switch_the_recheck_off() -> None:
    rules = own_rules("text: {second_guess: 'off'}")
    new, _ = deidentify(
        make_object(SoftwareVersions="by Ockham"), rules, annotate=make_name_model()
    )
    assert new.SoftwareVersions == "by Ockham"


def test_identifying_attribute_that_rules_keep_is_not_rechecked() -> None:
    rules = own_rules(
        "options: [clean_descriptors, retain_institution_identity]\n"
        "elements: [{tag: OperatorsName, action: keep}]"
    )
    ds = make_object(OperatorsName="Ockham^W", InstitutionName="Ockham Infirmary")
    new, _ = deidentify(ds, rules, annotate=make_name_model())
    assert new.OperatorsName == "Ockham^W" and new.InstitutionName == "Ockham Infirmary"


# ------------------------------------------------------------------ languages


_DUTCH = "De patiënt werd opgenomen en is niet naar huis gegaan, er zijn klachten."


@pytest.mark.parametrize(("action", "new_text"), [("refuse", "[LANGUAGE]"), ("clean", _DUTCH)])
def test_text_in_an_unsupported_language_is_masked_unless_the_rules_clean_it(
    action: str, new_text: str
) -> None:
    rules = own_rules(f"text: {{unsupported_language: {action}}}")
    ds = make_object(SpecificCharacterSet="ISO_IR 192", ImageComments=_DUTCH)
    new, result = deidentify(ds, rules, annotate=make_name_model())
    assert new.ImageComments == new_text
    assert [one.location for one in result.findings if one.entity == "LANGUAGE"] == ["(0020,4000)"]


def test_terms_beside_words_in_an_unsupported_script_stay() -> None:
    comment = "Head w/o 5.0 Γενικό Νοσοκομείο Καλαμάτα, 2. Ελευθερία CT"
    ds = make_object(SpecificCharacterSet="ISO_IR 192", ImageComments=comment)
    new, _ = deidentify(ds, annotate=make_name_model())
    assert new.ImageComments == "Head w/o 5.0 [LANGUAGE] CT"


def test_a_long_number_beside_an_unsupported_script_takes_linear_time() -> None:
    ds = make_object(SpecificCharacterSet="ISO_IR 192")
    ds.TextValue = "Γενικό Νοσοκομείο Καλαμάτα " + "1" * 200_000
    new, _ = deidentify(ds, annotate=make_name_model())
    assert "Νοσοκομείο" not in new.get("TextValue", "")


# ------------------------------------------------------------------ codes and coded strings


def test_code_meaning_is_annotated_and_code_value_is_not() -> None:
    ds = make_object(ProcedureCodeSequence=[make_code("Ockham", "99X", "like Ockham")])
    scan = make_deidentifier(annotate=make_name_model()).scan(to_bytes(ds))
    assert "like Ockham" in scan.texts and "Ockham" not in scan.texts


def test_name_is_masked_in_code_meaning_and_kept_in_code_value() -> None:
    ds = make_object(ProcedureCodeSequence=[make_code("Ockham", "99X", "like Ockham")])
    [code] = deidentify(ds, annotate=make_name_model())[0].ProcedureCodeSequence
    assert (code.CodeValue, code.CodeMeaning) == ("Ockham", "like [NAME]")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["DERIVED", "SECONDARY", "DR_HARGREAVE"], ["DERIVED", "SECONDARY", ""]),
        (["ORIGINAL", "PRIMARY", "PX440172", "NORM"], ["ORIGINAL", "PRIMARY", "", "NORM"]),
        (["ORIGINAL", "PRIMARY", "FERNCASTLE OCKHA"], ["ORIGINAL", "PRIMARY", ""]),
        (["ORIGINAL", "PRIMARY", "HELICAL MODE", "M_FFE"],
         ["ORIGINAL", "PRIMARY", "HELICAL MODE", "M_FFE"]),
    ],
)  # fmt: skip
def test_only_value_with_name_is_removed_from_coded_string(
    value: Sequence[str], expected: Sequence[str]
) -> None:
    new, _ = deidentify(make_object(ImageType=list(value)), annotate=make_name_model())
    assert list(new.ImageType) == expected


def test_kept_value_is_annotated_only_once_per_text() -> None:
    seen: list[str] = []

    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        seen.extend(texts)
        return find_nothing(texts)

    ds = make_object(SeriesDescription="AXIAL", StudyDescription="AXIAL", ProtocolName="AXIAL")
    new, _ = deidentify(ds, annotate=annotate)
    assert seen.count("AXIAL") == 1 and read(to_bytes(new)).ProtocolName == "AXIAL"
