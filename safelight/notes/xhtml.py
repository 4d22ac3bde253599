"""Clean the text of an XHTML narrative; keep its structure and nothing that could hide text."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Optional

from safelight.notes.field_cleaner import FieldVisitor

#: Elements that FHIR narratives may have (R4, section 2.4.0), less pictures and anchors.
_ELEMENTS = frozenset(
    "div p br hr h1 h2 h3 h4 h5 h6 span b strong i em u small big sub sup tt code pre blockquote "
    "q cite abbr acronym dfn kbd samp var ul ol li dl dt dd table caption colgroup col thead "
    "tbody tfoot tr th td".split()
)
#: Those that do not end a line: a name may go on over them.
_INLINE = frozenset(
    "span b strong i em u small big sub sup tt code q cite abbr acronym dfn kbd samp var font a "
    "mark s ins del".split()
)
_EMPTY = frozenset({"br", "hr", "col"})
_ATTRIBUTES = frozenset({"colspan", "rowspan", "span"})
_HIDDEN = frozenset({"script", "style", "head", "title", "template", "object", "noscript"})
_NAMESPACE = "http://www.w3.org/1999/xhtml"


class _Reader(HTMLParser):
    """Splits markup into tags, which are written anew, and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.texts: list[int] = []  # which parts are text
        self.lines: list[int] = []  # before which parts a line ends
        self._open: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        if tag not in _INLINE:
            self.lines.append(len(self.parts))
        if self._hidden or tag not in _ELEMENTS:
            return
        kept = "".join(
            f' {name}="{value}"'
            for name, value in attrs
            if name in _ATTRIBUTES and value and value.isdigit() and len(value) < 4
        )
        if not self._open and tag == "div":
            kept = f' xmlns="{_NAMESPACE}"'
        if tag in _EMPTY:
            self.parts.append(f"<{tag}{kept}/>")
        else:
            self.parts.append(f"<{tag}{kept}>")
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.lines.append(len(self.parts))
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif not self._hidden and tag in self._open:
            while True:
                last = self._open.pop()
                self.parts.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            if data.strip():
                self.texts.append(len(self.parts))
            self.parts.append(data)

    def finish(self) -> None:
        """Close what the markup left open."""
        self.close()
        while self._open:
            self.parts.append(f"</{self._open.pop()}>")


def clean_xhtml(markup: str, visitor: FieldVisitor, where: str) -> Optional[str]:
    """The markup with its text cleaned as one text, node by node.

    Comments, attributes but those of table cells, scripts, pictures and links go.
    """
    reader = _Reader()
    reader.feed(markup)
    reader.finish()
    texts = [reader.parts[index] for index in reader.texts]
    places = [f"{where}#{number}" for number in range(1, len(texts) + 1)]
    ends = set(reader.lines)
    between = [
        "\n" if any(part in ends for part in range(one + 1, other + 1)) else
        "".join(" " for part in reader.parts[one + 1 : other] if part.isspace())[:1]
        for one, other in zip(reader.texts, reader.texts[1:])
    ]  # fmt: skip
    cleaned = visitor.texts(texts, places, between) if texts else []
    if cleaned is None:
        return None
    for index, text in zip(reader.texts, cleaned):
        reader.parts[index] = escape(text, quote=False)
    return "".join(reader.parts)
