"""Text that markup cuts into nodes, read as one and cleaned as one.

``Hollo<content>way</content>`` is one name, and the cells of a row are what they are because of
each other. So the nodes of a section's text are joined as a reader sees them, the joined text is
annotated, and each replacement is put where its original began.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from safelight.documents.text_cleaner import TextCleaner
from safelight.records import Reason, Refusal, Span
from safelight.text.replacement import AppliedSpan

Element = ElementTree.Element

#: Elements of a narrative (HL7 CDA R2, section 4.3.5) that do not end a line.
_INLINE = frozenset({"content", "sub", "sup", "linkHtml", "footnote", "footnoteRef"})
_CELLS = frozenset({"td", "th"})
_DEEPEST = 100


@dataclass(frozen=True)
class TextNode:
    """A piece of text: an element's own, or what follows one of its children."""

    element: Element
    child: int  # -1: the element's own text
    begin: int
    end: int

    def set(self, text: str) -> None:
        """Write it anew."""
        if self.child < 0:
            self.element.text = text
        else:
            self.element[self.child].tail = text


@dataclass(frozen=True)
class Narrative:
    """One text and the nodes that it stands in, in order. HOLDS PHI."""

    text: str
    nodes: tuple[TextNode, ...]

    def clean(self, spans: Sequence[Span], cleaner: TextCleaner) -> tuple[AppliedSpan, ...]:
        """Replace what the spans cover, in the tree; what was done."""
        replaced = cleaner.replacements(self.text, spans)
        written = [False] * len(replaced)
        for node in self.nodes:
            pieces: list[str] = []
            position = node.begin
            for index, one in enumerate(replaced):
                span = one.span
                if span.begin >= node.end or span.end <= node.begin:
                    continue
                pieces.append(self.text[position : max(position, span.begin)])
                if not written[index]:
                    pieces.append(one.new)
                    written[index] = True
                position = min(span.end, node.end)
            if position > node.begin or pieces:
                pieces.append(self.text[position : node.end])
                node.set("".join(pieces))
        return tuple(one.applied for one in replaced)


def read_narrative(element: Element) -> Narrative:
    """All the text below an element, as one.

    Raises
    ------
    Refusal
        If it is nested too deep.
    """
    nodes: list[TextNode] = []
    pieces: list[str] = []
    length = 0
    for owner, child, text in _flow(element, 0):
        if owner is not None and text.strip():
            nodes.append(TextNode(owner, child, length, length + len(text)))
        pieces.append(text)
        length += len(text)
    return Narrative("".join(pieces), tuple(nodes))


def _flow(element: Element, depth: int) -> Iterator[tuple[Element | None, int, str]]:
    """Owner, child and text in reading order; what separates blocks has no owner."""
    if depth > _DEEPEST:
        raise Refusal(Reason.TOO_DEEP, "the text of a document is nested too deep; repair it")
    if element.text:
        yield element, -1, element.text
    for index, child in enumerate(element):
        name = child.tag.rpartition("}")[2]
        yield from _flow(child, depth + 1)
        if name not in _INLINE:
            yield None, -1, "\t" if name in _CELLS else "\n"
        if child.tail:
            yield element, index, child.tail
