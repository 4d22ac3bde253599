"""Items of the job over notes: pieces of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from jobs.common.delta.arrow_rows import Int32
from jobs.common.run.work_items import WorkItem


@dataclass(slots=True)
class PieceItem(WorkItem):
    """One piece of a file of notes; ``size`` and ``version`` are those of the file. HOLDS PHI.

    Attributes
    ----------
    format : str
        See :func:`safelight.notes.formats.detect_format`; empty if it is not a file of notes.
    piece, pieces : int
        Number of the piece, from 1, and of all pieces of the file (0 for a Delta table).
    begin, end : int
        Range of bytes.
    first_group, last_group : int
        Row groups of a Parquet file.
    first_row : int
        Number of the first row of the piece in the file, from 1.
    header : list of str
        Columns of a CSV file, if the piece does not begin with them.
    delimiter : str
        Delimiter of a CSV file.
    conflict : bool
        Whether the output has the piece under other rules or options.
    data : bytes or None
        Rows of a Delta table as Parquet.
    """

    format: str
    piece: Int32
    pieces: Int32
    begin: int
    end: int
    first_group: Int32
    last_group: Int32
    first_row: int
    header: list[str]
    delimiter: str
    conflict: bool
    data: Optional[bytes]

    def __repr__(self) -> str:
        """Return a representation without PHI."""
        return f"{type(self).__name__}({self.source_id!r}, {self.piece})"
