"""Collect the texts of a record that the text model must annotate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from safelight.notes.field_actions import FieldRule
from safelight.notes.field_visitor import check_text, join_segments, needs_annotation
from safelight.notes.pdf_and_cda import document_texts
from safelight.notes.plain_values import is_read_as_text


class TextCollector:
    """Collect texts and leave every value unchanged; see ``FieldVisitor``.

    Parameters
    ----------
    ocr_engine : str
        OCR engine for the pages of attached documents.
    """

    def __init__(self, ocr_engine: str = "rapidocr") -> None:
        self.texts: set[str] = set()
        self._ocr_engine = ocr_engine

    def visit_value(self, rule: FieldRule, value: str, _location: str) -> Optional[str]:
        """Collect the value if it is read as text.

        Parameters
        ----------
        rule : FieldRule
            Action on the field.
        value : str
            Original value.
        _location : str
            Not used.

        Returns
        -------
        str
            The value, unchanged.

        Raises
        ------
        Refusal
            If the value is not text; see :func:`safelight.notes.field_visitor.check_text`.
        """
        check_text(value)
        if is_read_as_text(rule, value) and needs_annotation(value):
            self.texts.add(value)
        return value

    def visit_text(
        self, segments: Sequence[str], _locations: Sequence[str], separators: Sequence[str] = ()
    ) -> Optional[list[str]]:
        """Collect the segments as one text.

        Parameters
        ----------
        segments : sequence of str
            Parts of one text, in order.
        _locations : sequence of str
            Not used.
        separators : sequence of str
            Characters between each segment and the next one; a line end by default.

        Returns
        -------
        list of str
            The segments, unchanged.

        Raises
        ------
        Refusal
            If the text is not valid; see :func:`safelight.notes.field_visitor.check_text`.
        """
        joined = join_segments(segments, separators)
        check_text(joined)
        if needs_annotation(joined):
            self.texts.add(joined)
        return list(segments)

    def visit_document(self, data: bytes, media_type: str, _location: str) -> Optional[bytes]:
        """Collect the texts of a PDF or CDA document.

        Parameters
        ----------
        data : bytes
            The document.
        media_type : str
            MIME type without parameters.
        _location : str
            Not used.

        Returns
        -------
        None
            No new document is written while texts are collected.
        """
        self.texts.update(document_texts(data, media_type, self._ocr_engine))
        return None
