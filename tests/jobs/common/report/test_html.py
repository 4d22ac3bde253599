from __future__ import annotations

from html.parser import HTMLParser

from jobs.common.report.counts import Section
from jobs.common.report.html import render


def test_a_page_is_well_formed_and_escapes_values() -> None:
    page = render(
        [
            Section("Runs", ("run", "outcome"), (("<b>r1</b>", "done"),), counted=False),
            Section("Objects", ("status", "count"), (("deidentified", 1200), (None, 3))),
        ]
    )
    open_tags: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag != "meta":
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Checker().feed(page)
    assert not open_tags
    assert "&lt;b&gt;r1" in page and "1,200" in page and "–" in page
    assert "width:100.0%" in page
    for outside in ("http:", "https:", "<script", "src="):
        assert outside not in page
