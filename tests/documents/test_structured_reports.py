"""Test that values are found in the content tree by their concept names."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence
from pydicom.sr._concepts_dict import concepts as dictionary

from safelight.dicom.character_sets import find_text_encodings
from safelight.dicom.elements import ElementReader
from safelight.dicom.encoding import EXPLICIT_LITTLE
from safelight.dicom.items import ItemReader
from safelight.documents.structured_reports import identifying_concepts, identifying_values
from safelight.records import Reason, Refusal
from safelight.rules.profile import CONTENT_SEQUENCE
from safelight.text.known.known_phi import KnownValue


def code(value: str, scheme: str = "DCM", meaning: str = "") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def content(value_type: str, concept: Dataset, *children: Dataset, **values: object) -> Dataset:
    item = Dataset()
    item.ValueType = value_type
    item.ConceptNameCodeSequence = Sequence([concept])
    for keyword, value in values.items():
        setattr(item, keyword, value)
    if children:
        item.ContentSequence = Sequence(children)
    return item


def report(*children: Dataset) -> Dataset:
    return content("CONTAINER", code("126000"), *children)


def values_of(tree: Dataset, with_devices: bool = True) -> tuple[KnownValue, ...]:
    data = encode(tree)
    elements, _ = ElementReader(data).read_elements(0, len(data), EXPLICIT_LITTLE)
    reader = ItemReader(data, elements, EXPLICIT_LITTLE, find_text_encodings(""))
    return identifying_values(reader.read_items(CONTENT_SEQUENCE), with_devices)


def encode(tree: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = False, True
    write_dataset(buffer, tree)
    return buffer.getvalue()


def age(number: str, unit: str) -> Dataset:
    measured = Dataset()
    measured.NumericValue = number
    measured.MeasurementUnitsCodeSequence = Sequence([code(unit, "UCUM")])
    return content("NUM", code("121033"), MeasuredValueSequence=Sequence([measured]))


def test_the_concepts_have_the_meanings_of_the_standard() -> None:
    meanings = {c: m for names in dictionary["DCM"].values() for c, (m, _) in names.items()}
    for concept, (_, _, meaning) in identifying_concepts().items():
        assert meanings[concept].lower() == meaning.lower(), concept


def test_values_of_any_type_and_depth_are_found() -> None:
    deep = content("TEXT", code("121022"), TextValue="A-4711")
    tree = report(
        content("TEXT", code("121008"), TextValue="Foo"),
        content("PNAME", code("99", "99LOCAL"), PersonName="DOE^JANE"),
        content("DATE", code("121031"), Date="19800102"),
        content(
            "CODE", code("121009"),
            ConceptCodeSequence=Sequence([code("x", "99LOCAL", "Mercy Hospital")]),
        ),
        content("CONTAINER", code("125007"), content("CONTAINER", code("125007"), deep)),
        content("TEXT", code("121071"), TextValue="a 5 mm nodule"),
        content("TEXT", code("121008", "99LOCAL"), TextValue="not DCM"),
    )  # fmt: skip
    assert values_of(tree) == (
        KnownValue("NAME", "Foo", "clinician"),
        KnownValue("NAME", "DOE^JANE", ""),
        KnownValue("DATE", "19800102", "birth_date"),
        KnownValue("LOCATION", "Mercy Hospital", "institution"),
        KnownValue("ID", "A-4711", "accession"),
    )


def test_devices_are_kept_if_their_identity_is_retained() -> None:
    tree = report(content("TEXT", code("121016"), TextValue="SN-42"))
    assert values_of(tree) == (KnownValue("ID", "SN-42", "device"),)
    assert values_of(tree, with_devices=False) == ()


def test_an_age_over_89_years_as_a_number_is_refused() -> None:
    assert values_of(report(age("89", "a"), age("93", "mo"))) == ()
    with pytest.raises(Refusal) as refused:
        values_of(report(age("93", "a")))
    assert refused.value.reason is Reason.STRUCTURED_CONTENT
    assert "93" not in str(refused.value)


def test_a_value_is_read_in_the_character_set_of_its_item() -> None:
    item = content("TEXT", code("121008"), TextValue="Müller")
    item.SpecificCharacterSet = "ISO_IR 192"
    assert values_of(report(item)) == (KnownValue("NAME", "Müller", "clinician"),)


def test_a_sequence_that_cannot_be_read_is_refused() -> None:
    item = content("TEXT", code("121008"), TextValue="Foo")
    data = encode(report(item)).replace(b"UT\0\0\4\0\0\0Foo ", b"SQ\0\0\4\0\0\0Foo ")
    data = data.replace(b"\x40\0\x60\xa1SQ", b"\x40\0\x43\xa0SQ")
    elements, _ = ElementReader(data).read_elements(0, len(data), EXPLICIT_LITTLE)
    reader = ItemReader(data, elements, EXPLICIT_LITTLE, find_text_encodings(""))
    with pytest.raises(Refusal):
        identifying_values(reader.read_items(CONTENT_SEQUENCE))


def test_a_report_without_items_has_no_values() -> None:
    assert values_of(report()) == ()
