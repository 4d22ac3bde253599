"""Rows and pieces of a block of text, and the PHI that was found in it so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from safelight.pixels.geometry import Box
from safelight.pixels.models import Block, Mask, PixelScan, TextLine
from safelight.pixels.ocr.line_merging import get_upright_box
from safelight.pixels.phi.partial_matches import PartialMatch
from safelight.records import Span
from safelight.text.known.known_phi import KnownPHI


@dataclass(frozen=True)
class Piece:
    """One line of the scan as a part of a row.

    Attributes
    ----------
    line : int
        Index of the line in the scan.
    begin, end : int
        Offsets of its text in the row.
    """

    line: int
    begin: int
    end: int


@dataclass(frozen=True)
class Row:
    """One row of a block.

    Attributes
    ----------
    begin : int
        Offset of the row in the text of the block.
    text : str
    pieces : tuple of Piece
        At least one, in reading order.
    """

    begin: int
    text: str
    pieces: tuple[Piece, ...]

    @property
    def end(self) -> int:
        """Offset of the end of the row in the text of the block."""
        return self.begin + len(self.text)


@dataclass
class BlockFindings:
    """PHI found in one block so far. HOLDS PHI.

    Attributes
    ----------
    lines : sequence of TextLine
        All lines of the scan.
    block : Block
    rows : tuple of Row
    known : KnownPHI
        Values that the header gives of this patient.
    masked : bool
        Whether values are masked already, so that a label without a value has none below it.
    spans : list of Span
        Findings, with offsets in the text of the block.
    partials : list of (line, PartialMatch)
        Parts of known values, with the index of their line.
    extra : list of Mask
        Boxes without text of their own.
    """

    lines: Sequence[TextLine]
    block: Block
    rows: tuple[Row, ...]
    known: KnownPHI
    masked: bool = False
    spans: list[Span] = field(default_factory=list)
    partials: list[tuple[int, PartialMatch]] = field(default_factory=list)
    extra: list[Mask] = field(default_factory=list)

    def add_span(
        self, row: Row, begin: int, end: int, entity: str, *, engine: str, confidence: float
    ) -> None:
        """Add a finding by its offsets in a row.

        Parameters
        ----------
        row : Row
            Row of the block that holds the finding.
        begin, end : int
            Offsets in the text of the row; ``end`` is exclusive.
        entity : str
            Kind of PHI, for example NAME or ID.
        engine : str
            Recognizer or rule that found it.
        confidence : float
            0 to 1.
        """
        self.spans.append(Span(begin + row.begin, end + row.begin, entity, engine, confidence))

    def add_spans(self, row: Row, spans: Sequence[Span], begin: int = 0) -> None:
        """Add findings whose offsets count from an offset in a row.

        Parameters
        ----------
        row : Row
            Row of the block that holds the findings.
        spans : sequence of Span
            Findings, with offsets that count from ``begin``.
        begin : int
            Offset in the text of the row.
        """
        by = row.begin + begin
        self.spans += [replace(s, begin=s.begin + by, end=s.end + by) for s in spans]

    def find_spans(self, row: Row, begin: int = 0, end: int | None = None) -> list[Span]:
        """Return the findings that overlap a part of a row, with their offsets in the row.

        Parameters
        ----------
        row : Row
            Row of the block to search.
        begin : int
            Offset of the part in the text of the row.
        end : int, optional
            Offset of the end of the part, exclusive; by default the end of the row.

        Returns
        -------
        list of Span
            They are not cut: offsets may be outside the part, or outside the row.
        """
        last = len(row.text) if end is None else end
        moved = (replace(s, begin=s.begin - row.begin, end=s.end - row.begin) for s in self.spans)
        return [span for span in moved if span.begin < last and span.end > begin]

    def get_line(self, piece: Piece) -> TextLine:
        """Return the line of a piece."""
        return self.lines[piece.line]

    def get_text(self, row: Row, piece: Piece) -> str:
        """Return the text of a piece.

        Parameters
        ----------
        row : Row
            Row of the block that holds the piece.
        piece : Piece
            Piece of this row.
        """
        return row.text[piece.begin : piece.end]

    def get_upright_box(self, piece: Piece) -> Box:
        """Return the box of a piece, rotated with the frame until it reads from left to right."""
        return get_upright_box(self.lines[piece.line])

    def get_left_edge(self, row: Row, offset: int) -> float:
        """Return the position of a character of a row in reading direction, in pixels.

        Parameters
        ----------
        row : Row
            Row of the block that holds the character.
        offset : int
            Offset of the character in the text of the row.

        Returns
        -------
        float
            Left edge of the character in the frame, rotated until the text reads left to right;
            it may be negative. 0 if no piece of the row holds the offset.
        """
        for piece in row.pieces:
            if piece.begin <= offset < piece.end:
                line = self.lines[piece.line]
                box = line.box_of(offset - piece.begin, len(line.text))
                return get_upright_box(TextLine(None, box, "", 1, "", line.rotation)).left
        return 0.0

    def measure_gap(self, piece: Piece, following: Piece) -> float:
        """Return the gap between a piece and one to the right of it, in heights of the text.

        Parameters
        ----------
        piece : Piece
            Left piece, in reading direction.
        following : Piece
            Right piece, in reading direction.

        Returns
        -------
        float
            Multiple of the smaller height of the two; negative if the pieces overlap.
        """
        a, b = self.get_upright_box(piece), self.get_upright_box(following)
        return (b.left - a.right) / max(1, min(a.height, b.height))


def split_into_rows(scan: PixelScan, block: Block) -> tuple[Row, ...]:
    """Return the rows of a block that hold at least one piece.

    Parameters
    ----------
    scan : PixelScan
        Text of the object, with the lines that the block refers to.
    block : Block
        Block of this scan.

    Returns
    -------
    tuple of Row
        Rows from top to bottom.
    """
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
