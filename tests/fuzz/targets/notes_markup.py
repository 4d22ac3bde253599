"""Narratives in HTML and XHTML become well-formed XML."""

from __future__ import annotations

from xml.etree import ElementTree

from safelight.notes.text_collector import TextCollector
from safelight.notes.xhtml import clean_xhtml
from safelight.records import Refusal


def run(data: bytes) -> None:
    """Clean the markup of a narrative."""
    try:
        new = clean_xhtml(data.decode("utf-8", "replace"), TextCollector(), "x")
    except Refusal:
        return
    ElementTree.fromstring(f"<x>{new}</x>")


def seeds() -> list[bytes]:
    """Return markup of all kinds."""
    return [
        b"<div><p class='x'>a &amp; b<br/></p><!-- c --><script>d<e</script><![CDATA[f]]></div>",
        b"<!DOCTYPE html><TABLE><tr><td colspan=2>1 < 2</table></div><img alt='x'>&#65;&bogus;",
    ]
