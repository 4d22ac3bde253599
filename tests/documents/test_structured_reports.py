"""Test that values are found in the content tree by their concept names."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr._concepts_dict import concepts as dictionary

from safelight.documents.structured_reports import identifying_concepts, identifying_values
from safelight.records import Reason, Refusal
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
    assert identifying_values(tree.ContentSequence) == (
        KnownValue("NAME", "Foo", "clinician"),
        KnownValue("NAME", "DOE^JANE", ""),
        KnownValue("DATE", "19800102", "birth_date"),
        KnownValue("LOCATION", "Mercy Hospital", "institution"),
        KnownValue("ID", "A-4711", "accession"),
    )


def test_devices_are_kept_if_their_identity_is_retained() -> None:
    tree = report(content("TEXT", code("121016"), TextValue="SN-42"))
    assert identifying_values(tree.ContentSequence) == (KnownValue("ID", "SN-42", "device"),)
    assert identifying_values(tree.ContentSequence, with_devices=False) == ()


def test_an_age_over_89_years_as_a_number_is_refused() -> None:
    assert identifying_values(report(age("89", "a"), age("93", "mo")).ContentSequence) == ()
    with pytest.raises(Refusal) as refused:
        identifying_values(report(age("93", "a")).ContentSequence)
    assert refused.value.reason is Reason.STRUCTURED_CONTENT
    assert "93" not in str(refused.value)


def test_an_object_without_a_content_tree_has_no_values() -> None:
    assert identifying_values([]) == ()
