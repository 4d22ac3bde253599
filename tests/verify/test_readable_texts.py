from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate

from safelight.records import Span
from safelight.verify import Check, Expectation, Verifier
from tests.verify.objects import output, to_bytes
from tests.verify.test_codestream_comments import make_jpeg_with_comment

NAME = "Quimbleton"


def annotate(texts: Sequence[str]) -> list[list[Span]]:
    """Annotate a name, as a text model does."""
    return [
        [Span(at, at + len(NAME), "NAME", "ner", 0.9)] if (at := text.find(NAME)) >= 0 else []
        for text in texts
    ]


def make_output(**values: object) -> bytes:
    """Return a clean output with other values."""
    ds = output()
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return to_bytes(ds)


def find(expectation: Expectation | None = None, **values: object) -> list[str]:
    """Return the locations of names that the text model finds in an object."""
    verifier = Verifier(expectation, annotate=annotate)
    data = make_output(**values)
    return [
        defect.location
        for defect in verifier.check(data)
        if defect.check is Check.TEXT and "text model" in defect.detail
    ]


def test_a_name_that_no_list_has_is_found_by_the_model() -> None:
    assert find(SeriesDescription=f"knee of {NAME}") == ["(0008,103E)"]
    data = make_output(SeriesDescription=f"knee of {NAME}")
    assert not [d for d in Verifier().check(data) if d.check is Check.TEXT]


@pytest.mark.parametrize(
    "keyword", ["Manufacturer", "DetectorManufacturerName", "SoftwareVersions", "PatientID"]
)
def test_names_of_products_and_identifiers_are_not_read(keyword: str) -> None:
    assert find(**{keyword: NAME}) == []


def test_parts_of_technical_terms_are_no_names() -> None:
    assert find(SeriesDescription=f"ACME_{NAME}_2") == []


def test_surrogate_names_are_not_read() -> None:
    assert find(Expectation(surrogate_names=True), SeriesDescription=f"knee of {NAME}") == []


@pytest.mark.parametrize(("confidence", "entity"), [(0.5, "NAME"), (0.99, "LOCATION")])
def test_what_is_not_surely_a_name_is_no_finding(confidence: float, entity: str) -> None:
    span = Span(0, len(NAME), entity, "ner", confidence)
    assert Verifier().judge_text("(0008,103E)", NAME, [span]) == ()


def test_technical_words_are_not_listed() -> None:
    data = make_output(SeriesDescription="T2 axial brain")
    assert "(0008,103E)" not in [text.location for text in Verifier().list_texts(data)]
    assert Verifier().list_texts(b"") == ()


def test_comments_of_frames_are_not_listed() -> None:
    data = make_output(SeriesDescription=f"knee of {NAME}")
    ds = dcmread(BytesIO(data))
    ds.add_new(0x7FE00010, "OB", encapsulate([make_jpeg_with_comment(NAME.encode())]))
    assert [text.text for text in Verifier().list_texts(to_bytes(ds)) if NAME in text.text] == [
        f"knee of {NAME}"
    ]
