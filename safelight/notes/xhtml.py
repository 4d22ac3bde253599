"""Clean the text of an XHTML narrative and keep only markup that cannot hide text."""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from typing import Optional

from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.markup_scanner import MarkupToken, scan_markup

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
_KEPT_ATTRIBUTE = re.compile(
    r"(?i)(?<=\s)(colspan|rowspan|span)\s*=\s*[\"']?([0-9]{1,3})(?=[\s\"'/]|$)"
)
_REMOVED_ELEMENTS = frozenset(
    {"script", "style", "head", "title", "template", "object", "noscript"}
)
#: Characters that no XML document can have.
_NOT_XML = dict.fromkeys([*range(1, 9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
_NAMESPACE = "http://www.w3.org/1999/xhtml"


class _XhtmlWriter:
    """Collect rewritten tags and text.

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
        self.parts: list[str] = []
        self.text_parts: list[int] = []
        self.line_ends: list[int] = []
        self._open_elements: list[str] = []
        self._open_count: Counter[str] = Counter()
        self._removed_depth = 0

    def add(self, token: MarkupToken) -> None:
        """Add a tag or a text."""
        if token.kind == "text":
            self._add_text(token.text)
        elif token.kind == "end":
            self._add_end(token.name)
        elif token.kind == "start" or token.name not in _REMOVED_ELEMENTS:
            self._add_start(token)
            if token.kind == "empty":
                self._add_end(token.name)

    def _add_start(self, token: MarkupToken) -> None:
        tag = token.name
        if tag in _REMOVED_ELEMENTS:
            self._removed_depth += 1
        if tag not in _INLINE_ELEMENTS:
            self.line_ends.append(len(self.parts))
        if self._removed_depth or tag not in _KEPT_ELEMENTS:
            return
        kept = {name.lower(): value for name, value in _KEPT_ATTRIBUTE.findall(token.text)}
        attributes = "".join(f' {name}="{value}"' for name, value in kept.items())
        if not self._open_elements and tag == "div":
            attributes = f' xmlns="{_NAMESPACE}"'
        if tag in _EMPTY_ELEMENTS:
            self.parts.append(f"<{tag}{attributes}/>")
        else:
            self.parts.append(f"<{tag}{attributes}>")
            self._open_elements.append(tag)
            self._open_count[tag] += 1

    def _add_end(self, tag: str) -> None:
        """Add an end tag, and those of open elements inside."""
        if tag not in _INLINE_ELEMENTS:
            self.line_ends.append(len(self.parts))
        if tag in _REMOVED_ELEMENTS:
            self._removed_depth = max(0, self._removed_depth - 1)
        elif not self._removed_depth and self._open_count[tag]:
            while self._close_last() != tag:
                pass

    def _close_last(self) -> str:
        last = self._open_elements.pop()
        self._open_count[last] -= 1
        self.parts.append(f"</{last}>")
        return last

    def _add_text(self, text: str) -> None:
        text = text.translate(_NOT_XML)
        if not self._removed_depth:
            if text.strip():
                self.text_parts.append(len(self.parts))
            self.parts.append(text)

    def finish(self) -> None:
        """Close all open elements."""
        while self._open_elements:
            self._close_last()


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
    writer = _XhtmlWriter()
    for token in scan_markup(markup):
        writer.add(token)
    writer.finish()
    texts = [writer.parts[index] for index in writer.text_parts]
    locations = [f"{location}#{number}" for number in range(1, len(texts) + 1)]
    cleaned = visitor.visit_text(texts, locations, _separators(writer)) if texts else []
    if cleaned is None:
        return None
    for index, text in zip(writer.text_parts, cleaned):
        writer.parts[index] = escape(text, quote=False)
    return "".join(writer.parts)


def _separators(writer: _XhtmlWriter) -> list[str]:
    """Return the visible separators between nodes of text: a line end, a space or nothing."""
    line_ends = set(writer.line_ends)
    separators = []
    for one, other in zip(writer.text_parts, writer.text_parts[1:]):
        if any(part in line_ends for part in range(one + 1, other + 1)):
            separators.append("\n")
        else:
            has_space = any(part.isspace() for part in writer.parts[one + 1 : other])
            separators.append(" " if has_space else "")
    return separators
