"""Test that elements and attributes that CDA does not define are removed."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from safelight.documents.cda.schema import remove_unknown_names


def pruned(document: str) -> str:
    root = ElementTree.fromstring(document)
    remove_unknown_names(root)
    return ElementTree.tostring(root, encoding="unicode")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("<section><Zyxwell>a</Zyxwell><code /></section>", "<section><code /></section>"),
        (
            "<section>a<Zyxwell />b<code />c<Zyxwell />d</section>",
            "<section>ab<code />cd</section>",
        ),
        ("<text>a <Zyxwell>b</Zyxwell> c</text>", "<text>a <content>b</content> c</text>"),
        ('<code code="1" Zyxwell="x" />', '<code code="1" />'),
        ('<section xmlns:z="urn:zyxwell"><z:code /></section>', "<section />"),
        ('<code xmlns:z="urn:zyxwell" z:code="1" />', "<code />"),
    ],
)
def test_unknown_names_are_removed(document: str, expected: str) -> None:
    assert pruned(document) == expected


def test_many_unknown_elements_take_linear_time() -> None:
    root = ElementTree.fromstring("<section>" + "<x/>y" * 50_000 + "<code/></section>")
    remove_unknown_names(root)
    assert len(root) == 1 and root.text == "y" * 50_000
