"""Clean the text of an XHTML narrative and keep only markup that cannot hide text."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Optional

from safelight.notes.field_visitor import FieldVisitor

#: Elements allowed in FHIR narratives (R4, section 2.4.0), except images and anchors.
_KEPT_ELEMENTS = frozenset(
    "div p br hr h1 h2 h3 h4 h5 h6 span b strong i em u small big sub sup tt code pre blockquote "
    "q cite abbr acronym dfn kbd samp var ul ol li dl dt dd table caption colgroup col thead "
    "tbody tfoot tr th td".split()
)
#: Elements that do not end a line, so that a name may continue across them.
_INLINE_ELEMENTS = frozenset(
    "span b strong i em u small big sub sup tt code q cite abbr acronym dfn kbd samp var font a "
    "mark s ins del".split()
)
_EMPTY_ELEMENTS = frozenset({"br", "hr", "col"})
_KEPT_ATTRIBUTES = frozenset({"colspan", "rowspan", "span"})
_REMOVED_ELEMENTS = frozenset(
    {"script", "style", "head", "title", "template", "object", "noscript"}
)
_NAMESPACE = "http://www.w3.org/1999/xhtml"


class _XhtmlParser(HTMLParser):
    """Split markup into rewritten tags and text.

    Attributes
    ----------
    parts : list of str
        Tags and text in the order of the document.
    text_parts : list of int
        Indices of the parts that are text.
    line_ends : list of int
        Indices of the parts before which a line ends.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.text_parts: list[int] = []
        self.line_ends: list[int] = []
        self._open_elements: list[str] = []
        self._removed_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        """Add a start tag; called by the base class."""
        if tag in _REMOVED_ELEMENTS:
            self._removed_depth += 1
        if tag not in _INLINE_ELEMENTS:
            self.line_ends.append(len(self.parts))
        if self._removed_depth or tag not in _KEPT_ELEMENTS:
            return
        attributes = "".join(
            f' {name}="{value}"'
            for name, value in attrs
            if name in _KEPT_ATTRIBUTES and value and value.isdigit() and len(value) < 4
        )
        if not self._open_elements and tag == "div":
            attributes = f' xmlns="{_NAMESPACE}"'
        if tag in _EMPTY_ELEMENTS:
            self.parts.append(f"<{tag}{attributes}/>")
        else:
            self.parts.append(f"<{tag}{attributes}>")
            self._open_elements.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        """Add an empty element; called by the base class."""
        if tag not in _REMOVED_ELEMENTS:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Add an end tag, and those of open elements inside; called by the base class."""
        if tag not in _INLINE_ELEMENTS:
            self.line_ends.append(len(self.parts))
        if tag in _REMOVED_ELEMENTS:
            self._removed_depth = max(0, self._removed_depth - 1)
        elif not self._removed_depth and tag in self._open_elements:
            while True:
                last = self._open_elements.pop()
                self.parts.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        """Add text; called by the base class."""
        if not self._removed_depth:
            if data.strip():
                self.text_parts.append(len(self.parts))
            self.parts.append(data)

    def finish(self) -> None:
        """Close all open elements."""
        self.close()
        while self._open_elements:
            self.parts.append(f"</{self._open_elements.pop()}>")


def clean_xhtml(markup: str, visitor: FieldVisitor, location: str) -> Optional[str]:
    """Return the markup with its text cleaned as one text, node by node.

    Comments, scripts, images, links and all attributes except those of table cells are removed.

    Parameters
    ----------
    markup : str
        XHTML or HTML.
    visitor : FieldVisitor
    location : str
        Path of the element, for the findings.

    Returns
    -------
    str or None
        ``None`` if the text is to be removed.
    """
    parser = _XhtmlParser()
    parser.feed(markup)
    parser.finish()
    texts = [parser.parts[index] for index in parser.text_parts]
    locations = [f"{location}#{number}" for number in range(1, len(texts) + 1)]
    cleaned = visitor.visit_text(texts, locations, _separators(parser)) if texts else []
    if cleaned is None:
        return None
    for index, text in zip(parser.text_parts, cleaned):
        parser.parts[index] = escape(text, quote=False)
    return "".join(parser.parts)


def _separators(parser: _XhtmlParser) -> list[str]:
    """Return the visible separators between nodes of text: a line end, a space or nothing."""
    line_ends = set(parser.line_ends)
    separators = []
    for one, other in zip(parser.text_parts, parser.text_parts[1:]):
        if any(part in line_ends for part in range(one + 1, other + 1)):
            separators.append("\n")
        else:
            has_space = any(part.isspace() for part in parser.parts[one + 1 : other])
            separators.append(" " if has_space else "")
    return separators
