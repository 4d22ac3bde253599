"""Write the top-level elements of objects, and reuse the edits that repeat.

Runs of elements that no rule changes are copied as bytes. Many elements repeat in all objects of a
series. Their edits are cached by the bytes of the element, as long as patient, character set,
encoding and SOP class are the same.
"""

from __future__ import annotations

from bisect import bisect_left

from safelight.dicom.dictionary import VR_BY_TAG
from safelight.dicom.elements import Element
from safelight.headers.catalog import CATALOG_COLUMNS
from safelight.headers.conditional_elements import choose_rule
from safelight.headers.dataset_writer import DatasetWriter, can_skip_check
from safelight.headers.edit_cache import CACHED_ELEMENT_MAX_BYTES, EditCache
from safelight.headers.element_writer import ElementWriter
from safelight.headers.models import ChangeLog, DatasetContext, ElementEdit, PrivateCreator
from safelight.headers.required_attributes import check_required
from safelight.headers.retained_information import RetainedBits
from safelight.rules import Operation
from safelight.rules.required_attributes import REQUIRED_TAGS


class ObjectWriter:
    """Writer of the objects of one patient, SOP class, character set and encoding.

    Parameters
    ----------
    element_writer : ElementWriter
        Writer of the values of this patient.
    """

    def __init__(self, element_writer: ElementWriter):
        self.element_writer = element_writer
        self.dataset_writer = DatasetWriter(element_writer)
        self._edits = EditCache()
        self._unchanged: set[tuple[int, str]] = set()

    def write(
        self, elements: list[Element], inserted: dict[int, bytes], context: DatasetContext
    ) -> tuple[list[bytes | memoryview], dict[int, int], ChangeLog]:
        """Write the data set of one object.

        Parameters
        ----------
        elements : list of Element
            Top-level elements of the source object.
        inserted : dict of int to bytes
            Encoded elements by tag that replace elements of the source object; empty bytes remove
            an element.
        context : DatasetContext
            The top level. Its rules, encoding and character set must be the same in all calls.

        Returns
        -------
        pieces : list of bytes-like
            The new data set, to be joined.
        slots : dict of int to int
            Index in ``pieces`` of each inserted element.
        log : ChangeLog
            Rows to record.
        """
        log = ChangeLog()
        pieces: list[bytes | memoryview] = []
        slots: dict[int, int] = {}
        tags = [element[0] for element in elements]
        creators: dict[int, PrivateCreator] = {}
        begin = 0
        for tag in sorted(inserted):
            at = bisect_left(tags, tag, begin)
            self._write_run(elements[begin:at], context, creators, pieces, log)
            slots[tag] = len(pieces)
            pieces.append(inserted[tag])
            begin = at
            while begin < len(tags) and tags[begin] == tag:
                if tag >> 16 & 1:  # a private creator, which other elements of its block need
                    self.dataset_writer.private_writer.keep_creator(
                        elements[begin], context, creators, log
                    )
                begin += 1
        removed = frozenset(inserted)
        self._write_run(elements[begin:], context, creators, pieces, log, removed)
        return pieces, slots, log

    def _write_run(
        self,
        elements: list[Element],
        context: DatasetContext,
        creators: dict[int, PrivateCreator],
        pieces: list[bytes | memoryview],
        log: ChangeLog,
        removed: frozenset[int] = frozenset(),
    ) -> None:
        """Write consecutive top-level elements.

        ``removed`` holds the tags of inserted elements, which may occur again out of order.
        """
        unchanged, edits, data = self._unchanged, self._edits, context.data
        view = memoryview(data)
        run_start = run_stop = -1
        for element in elements:
            tag = element[0]
            if element[:2] in unchanged:
                if run_start < 0:
                    run_start = element[2]
                run_stop = element[4]
                continue
            start, stop = element[2], element[4]
            if tag in removed:
                edit: ElementEdit | None = ElementEdit(b"")
            elif tag >> 16 & 1:
                if run_start >= 0:
                    pieces.append(view[run_start:run_stop])
                    run_start = -1
                self.dataset_writer.private_writer.write(element, context, creators, pieces, log)
                continue
            else:
                key = data[start:stop] if stop - start <= CACHED_ELEMENT_MAX_BYTES else b""
                edit, retained = edits.get(key) or self._edit_new(element, context, key, log)
                if retained:
                    log.retained |= retained
            if edit is None:
                if run_start < 0:
                    run_start = start
                run_stop = stop
                continue
            if run_start >= 0:
                pieces.append(view[run_start:run_stop])
                run_start = -1
            if edit.data:
                pieces.append(edit.data)
            if tag in CATALOG_COLUMNS:
                log.catalog_elements[tag] = edit.data
            log.add(edit)
        if run_start >= 0:
            pieces.append(view[run_start:run_stop])

    def _edit_new(
        self, element: Element, context: DatasetContext, key: bytes, log: ChangeLog
    ) -> tuple[ElementEdit | None, RetainedBits]:
        """Return the edit of an element that is not in the cache, and add it to the cache.

        ``key`` holds the bytes of the element; it is empty if the element is too long.
        """
        inner = ChangeLog()
        rule = context.level.rules[element.tag]
        if is_conditional := rule.otherwise is not None:
            inner.reads_object = rule.compares_siblings()
            rule = choose_rule(element, VR_BY_TAG[element.tag], rule, context)
        edit = self.dataset_writer.edit_standard(element, rule, context, inner)
        if element.tag in REQUIRED_TAGS:
            check_required(element.tag, rule, edit, element.stop > element.value)
        log.add_flags(inner)
        log.findings += inner.findings
        retained = inner.retained
        is_kept = edit is None and not retained and rule.operation is Operation.KEEP
        is_kept &= not is_conditional
        if is_kept and can_skip_check(element):
            self._unchanged.add(element[:2])
        elif key:
            self._edits.store(key, len(key), (edit, retained), inner)
        return edit, retained
