"""A block of text as rows of pieces, and what was found to identify in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from safelight.pixels.geometry import Box
from safelight.pixels.models import Block, Mask, PixelScan, TextLine
from safelight.pixels.ocr.line_merging import upright_box
from safelight.pixels.phi.partial_matches import PartialMatch
from safelight.records import Span
from safelight.text.known.known_phi import KnownPHI

#: A reading below this confidence is taken for text only beside other text.
DOUBTFUL = 0.6
#: An unknown word that stands alone has to be read this surely to be hidden.
SURE = 0.8


@dataclass(frozen=True)
class Piece:
    """One line of the scan as a part of a row: where its text begins and ends there."""

    line: int
    begin: int
    end: int


@dataclass(frozen=True)
class Row:
    """One row of a block: its text, where that begins in the block's, its pieces."""

    begin: int
    text: str
    pieces: tuple[Piece, ...]

    @property
    def end(self) -> int:
        """Where its text ends in the block's."""
        return self.begin + len(self.text)


@dataclass
class BlockFindings:
    """What was found in one block so far. Offsets of spans are those of the block's text.

    Attributes
    ----------
    lines : sequence of TextLine
        Those of the whole scan.
    masked : bool
        Whether values are masked already, so that a key without one has nothing below it.
    partials : list of (line, Partial)
    extra : list of Mask
        Boxes with no text of their own.
    """

    lines: Sequence[TextLine]
    block: Block
    rows: tuple[Row, ...]
    known: KnownPHI
    masked: bool = False
    spans: list[Span] = field(default_factory=list)
    partials: list[tuple[int, PartialMatch]] = field(default_factory=list)
    extra: list[Mask] = field(default_factory=list)

    def add(self, row: Row, begin: int, end: int, entity: str, engine: str, sure: float) -> None:
        """A span by its offsets in a row."""
        self.spans.append(Span(begin + row.begin, end + row.begin, entity, engine, sure))

    def add_all(self, row: Row, spans: Sequence[Span], begin: int = 0) -> None:
        """Spans whose offsets count from a place in a row."""
        by = row.begin + begin
        self.spans += [replace(s, begin=s.begin + by, end=s.end + by) for s in spans]

    def inside(self, row: Row, begin: int = 0, end: int | None = None) -> list[Span]:
        """The spans that touch a part of a row, with their offsets in the row."""
        last = len(row.text) if end is None else end
        moved = (replace(s, begin=s.begin - row.begin, end=s.end - row.begin) for s in self.spans)
        return [span for span in moved if span.begin < last and span.end > begin]

    def text(self, row: Row, piece: Piece) -> str:
        """The text of a piece."""
        return row.text[piece.begin : piece.end]

    def upright(self, piece: Piece) -> Box:
        """The box of a piece in a frame that is turned so that it reads from left to right."""
        return upright_box(self.lines[piece.line])

    def left(self, row: Row, offset: int) -> float:
        """Where a character of a row stands, along the direction of reading."""
        for piece in row.pieces:
            if piece.begin <= offset < piece.end:
                line = self.lines[piece.line]
                box = line.part(offset - piece.begin, len(line.text))
                return upright_box(TextLine(None, box, "", 1, "", line.rotation)).left
        return 0.0

    def gap(self, one: Piece, other: Piece) -> float:
        """Room between a piece and one right of it, in heights of the text."""
        a, b = self.upright(one), self.upright(other)
        return (b[0] - a[0] - a[2]) / max(1, min(a[3], b[3]))


def split_rows(scan: PixelScan, block: Block) -> tuple[Row, ...]:
    """The rows of a block, without those that hold no piece."""
    rows = []
    begin = 0
    for text in block.text.split("\n"):
        pieces = tuple(
            Piece(line, at - begin, at - begin + len(scan.lines[line].text))
            for line, at in block.places
            if begin <= at and at + len(scan.lines[line].text) <= begin + len(text)
        )
        if pieces:
            rows.append(Row(begin, text, pieces))
        begin += len(text) + 1
    return tuple(rows)
