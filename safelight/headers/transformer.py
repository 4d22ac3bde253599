"""Write the elements of one object anew, and remember what repeats.

What no rule changes stays a run of original bytes. What repeats from slice to slice of a
series is computed once: an element's outcome is remembered by its raw bytes as long as
patient, character set, encoding and SOP class stay the same.
"""

from __future__ import annotations

from bisect import bisect_left

from safelight.dicom.elements import Element
from safelight.headers.catalog import CATALOG_COLUMNS
from safelight.headers.change_log import ChangeLog, Creator, DatasetContext, ElementEdit, Spans
from safelight.headers.dataset_writer import DatasetWriter, is_plain
from safelight.headers.element_writer import ElementWriter
from safelight.rules import Operation

#: Elements larger than this are looked at, but not remembered.
MEMO_BYTES = 16 << 10
MEMO_ENTRIES = 50_000


class Transformer:
    """Applies the plan to the objects of one patient, SOP class, character set and encoding.

    Parameters
    ----------
    top : DatasetContext
        The top level: its rules, encoding and character set.
    writer : ElementWriter
        Of the patient.
    """

    def __init__(self, top: DatasetContext, writer: ElementWriter):
        self.top = top
        self.writer = writer
        self.levels = DatasetWriter(writer)
        self._memo: dict[bytes, ElementEdit | None] = {}
        self._plain: set[tuple[int, str]] = set()

    def write(
        self,
        data: bytes,
        elements: list[Element],
        inserted: dict[int, bytes],
        spans: Spans | None,
    ) -> tuple[list[bytes | memoryview], dict[int, int], ChangeLog]:
        """The new data set of one object, in pieces to be joined.

        Parameters
        ----------
        data : bytes
            The buffer that the elements point into.
        elements : list of Element
        inserted : dict
            Encoded elements by tag that take the place of the original's; empty bytes remove.
        spans : mapping or None
            PHI by distinct text; ``None`` when no text model was used: then text that the
            rules want cleaned is removed whole.

        Returns
        -------
        pieces : list of bytes-like
        slots : dict
            Index of each inserted element in ``pieces``.
        records : ChangeLog
        """
        self.writer.spans = spans
        records = ChangeLog()
        pieces: list[bytes | memoryview] = []
        slots: dict[int, int] = {}
        tags = [element[0] for element in elements]
        begin = 0
        for tag in sorted(inserted):
            at = bisect_left(tags, tag, begin)
            self._segment(data, elements, begin, at, pieces, records)
            slots[tag] = len(pieces)
            pieces.append(inserted[tag])
            begin = at
            while begin < len(tags) and tags[begin] == tag:
                begin += 1
        self._segment(data, elements, begin, len(elements), pieces, records, frozenset(inserted))
        return pieces, slots, records

    def _segment(
        self,
        data: bytes,
        elements: list[Element],
        begin: int,
        end: int,
        pieces: list[bytes | memoryview],
        records: ChangeLog,
        dropped: frozenset[int] = frozenset(),
    ) -> None:
        """Write a run of top-level elements, remembering outcomes by their raw bytes."""
        plain, memo, place = self._plain, self._memo, self.top
        view = memoryview(data)
        run_start = run_stop = -1
        creators: dict[int, Creator] = {}
        for index in range(begin, end):
            element = elements[index]
            tag = element[0]
            if element[:2] in plain:
                if run_start < 0:
                    run_start = element[2]
                run_stop = element[4]
                continue
            start, stop = element[2], element[4]
            if tag in dropped:  # a second one, out of order, of an element that was replaced
                outcome: ElementEdit | None = ElementEdit(b"")
            elif tag >> 16 & 1:
                if run_start >= 0:
                    pieces.append(view[run_start:run_stop])
                    run_start = -1
                self.levels.private(data, element, place, creators, pieces, records)
                continue
            else:
                key = data[start:stop] if stop - start <= MEMO_BYTES else b""
                if key in memo:
                    outcome = memo[key]
                else:
                    outcome = self._first_seen(data, element, place, key, records)
            if outcome is None:
                if run_start < 0:
                    run_start = start
                run_stop = stop
                continue
            if run_start >= 0:
                pieces.append(view[run_start:run_stop])
                run_start = -1
            if outcome.data:
                pieces.append(outcome.data)
            if tag in CATALOG_COLUMNS:
                records.rewritten[tag] = outcome.data
            records.add(outcome)
        if run_start >= 0:
            pieces.append(view[run_start:run_stop])

    def _first_seen(
        self, data: bytes, element: Element, place: DatasetContext, key: bytes, records: ChangeLog
    ) -> ElementEdit | None:
        """The outcome of an element that is not remembered yet (``key`` is empty if too large)."""
        inner = ChangeLog()
        rule = place.level.rules[element.tag]
        outcome = self.levels.standard(data, element, rule, place, inner)
        records.add_marks(inner)
        records.findings += inner.findings
        if outcome is None and rule.operation is Operation.KEEP and is_plain(element):
            self._plain.add(element[:2])
        # A cleaned text depends on the spans found in it, so it is not remembered by its bytes.
        elif key and not inner.marked and not inner.findings:
            if len(self._memo) >= MEMO_ENTRIES:
                self._memo.clear()
            self._memo[key] = outcome
        return outcome
