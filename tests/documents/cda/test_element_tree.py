"""Test the parser of CDA documents and the iteration over their elements."""

from __future__ import annotations

import pytest

from safelight.documents.cda.element_tree import iterate_elements, parse_cda
from safelight.documents.cda.schema import local_name
from safelight.records import Reason, Refusal


def test_elements_have_the_path_of_local_names() -> None:
    root = parse_cda(
        b'<ClinicalDocument xmlns="urn:hl7-org:v3"><id/><component><section/></component>'
        b"</ClinicalDocument>"
    )
    paths = ["/".join(path) for path, _ in iterate_elements(root)]
    assert paths == ["ClinicalDocument", "ClinicalDocument/id", "ClinicalDocument/component",
                     "ClinicalDocument/component/section"]  # fmt: skip
    assert local_name(root) == "ClinicalDocument"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a/>",
        b"<ClinicalDocument>",
        b"<!DOCTYPE x []><ClinicalDocument/>",
        b'<ClinicalDocument xmlns="urn:zyxwell"/>',
    ],  # fmt: skip
)
def test_other_data_are_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        parse_cda(data)
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT


@pytest.mark.parametrize(
    "content",
    [b"<observationMedia/>", b"<value mediaType='image/png'>AAAA</value>",
     b"<value representation='B64'>AAAA</value>"],
)  # fmt: skip
def test_pictures_and_other_files_are_refused(content: bytes) -> None:
    root = parse_cda(b"<ClinicalDocument>" + content + b"</ClinicalDocument>")
    with pytest.raises(Refusal, match="contains"):
        list(iterate_elements(root))


def test_elements_that_are_nested_very_deep_are_refused() -> None:
    document = (
        b"<ClinicalDocument>"
        + b"<entry>" * 100_000
        + b"</entry>" * 100_000
        + b"</ClinicalDocument>"
    )
    with pytest.raises(Refusal) as raised:
        list(iterate_elements(parse_cda(document)))
    assert raised.value.reason is Reason.ENCAPSULATED_DOCUMENT
