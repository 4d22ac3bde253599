"""Read text that markup splits into nodes as one text, and clean it as one.

``Hollo<content>way</content>`` is one name, and a cell of a table has its meaning from the other
cells of its row. Therefore the nodes of a section's text are joined in reading order, the joined
text is annotated, and each replacement is written to the node where its original begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from safelight.documents.text_cleaner import TextCleaner
from safelight.records import Reason, Refusal, Span
from safelight.text.replacement import AppliedSpan

Element = ElementTree.Element

#: Narrative elements that do not end a line (HL7 CDA R2, section 4.3.5).
_INLINE_ELEMENTS = frozenset({"content", "sub", "sup", "linkHtml", "footnote", "footnoteRef"})
_CELL_ELEMENTS = frozenset({"td", "th"})
_MAX_DEPTH = 100


@dataclass(frozen=True)
class TextNode:
    """A node of text: the own text of an element, or the text after one of its children.

    Attributes
    ----------
    element : Element
    child : int
        Index of the child before the text; -1 for the element's own text.
    begin, end : int
        Offsets in the text of the narrative.
    """

    element: Element
    child: int
    begin: int
    end: int

    def set_text(self, text: str) -> None:
        """Replace the text in the tree."""
        if self.child < 0:
            self.element.text = text
        else:
            self.element[self.child].tail = text


@dataclass(frozen=True)
class Narrative:
    """A text and its nodes, in order. HOLDS PHI."""

    text: str
    nodes: tuple[TextNode, ...]

    def clean(self, spans: Sequence[Span], cleaner: TextCleaner) -> tuple[AppliedSpan, ...]:
        """Replace the spans in the tree and return the applied actions.

        Parameters
        ----------
        spans : sequence of Span
            PHI spans in ``text``; they may overlap.
        cleaner : TextCleaner
            Replaces the spans by the text policy.

        Returns
        -------
        tuple of AppliedSpan
            Applied actions in order, with offsets in the de-identified text of the narrative.
        """
        replacements = cleaner.replacements(self.text, spans)
        first = written = 0
        for node in self.nodes:
            pieces: list[str] = []
            position = node.begin
            while first < len(replacements) and replacements[first].span.end <= node.begin:
                first += 1
            for index in range(first, len(replacements)):
                span = replacements[index].span
                if span.begin >= node.end:
                    break
                pieces.append(self.text[position : max(position, span.begin)])
                if index >= written:
                    pieces.append(replacements[index].new)
                    written = index + 1
                position = min(span.end, node.end)
            if position > node.begin or pieces:
                pieces.append(self.text[position : node.end])
                node.set_text("".join(pieces))
        return tuple(replacement.applied for replacement in replacements)


def read_narrative(element: Element) -> Narrative:
    """Return all text below an element as one narrative.

    Raises
    ------
    Refusal
        If the element is nested too deep.
    """
    nodes: list[TextNode] = []
    pieces: list[str] = []
    length = 0
    for owner, child, text in _reading_order(element, 0):
        if owner is not None and text.strip():
            nodes.append(TextNode(owner, child, length, length + len(text)))
        pieces.append(text)
        length += len(text)
    return Narrative("".join(pieces), tuple(nodes))


def _reading_order(element: Element, depth: int) -> Iterator[tuple[Element | None, int, str]]:
    """Return element, child index and text of each node; separators have no element."""
    if depth > _MAX_DEPTH:
        raise Refusal(Reason.TOO_DEEP, "the text of a document is nested too deep; correct it")
    if element.text:
        yield element, -1, element.text
    for index, child in enumerate(element):
        name = child.tag.rpartition("}")[2]
        yield from _reading_order(child, depth + 1)
        if name not in _INLINE_ELEMENTS:
            yield None, -1, "\t" if name in _CELL_ELEMENTS else "\n"
        if child.tail:
            yield element, index, child.tail
