"""Interface between the formats, which walk records, and the actions on their values.

A format walks a record twice with the same code: once with a
:class:`~safelight.notes.text_collector.TextCollector`, so that the texts can be annotated, and
once with a :class:`~safelight.notes.field_cleaner.FieldCleaner`, which returns the new values.
Because there is only one walk, every text that is cleaned has been annotated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional, Protocol

from safelight.notes.field_actions import FieldRule
from safelight.records import Reason, Refusal


class FieldVisitor(Protocol):
    """Handler of every value of a record."""

    def visit_value(self, rule: FieldRule, value: str, location: str) -> Optional[str]:
        """Return the new value of a field; ``None`` to remove the field.

        Parameters
        ----------
        rule : FieldRule
            Action on the field, and the entity of its value.
        value : str
            Original value.
        location : str
            Column, FHIR path or HL7 v2 field, for the findings.

        Raises
        ------
        Refusal
            If the value cannot be cleaned.
        """

    def visit_text(
        self, segments: Sequence[str], locations: Sequence[str], separators: Sequence[str] = ()
    ) -> Optional[list[str]]:
        """Return the new segments of one text; ``None`` to remove all of them.

        Parameters
        ----------
        segments : sequence of str
            Parts of one text that are in several places: lines, repetitions, nodes of a tree.
        locations : sequence of str
            Location of each segment, for the findings.
        separators : sequence of str
            Characters between each segment and the next one; a line end by default.

        Returns
        -------
        list of str or None
            One new segment for each segment, in the same order.

        Raises
        ------
        Refusal
            If the text cannot be cleaned.
        """

    def visit_document(self, data: bytes, media_type: str, location: str) -> Optional[bytes]:
        """Return the new bytes of an attached document; ``None`` to remove it.

        Parameters
        ----------
        data : bytes
            The document.
        media_type : str
            MIME type without parameters.
        location : str
            Column, FHIR path or HL7 v2 field, for the findings.
        """


def join_segments(segments: Sequence[str], separators: Sequence[str] = ()) -> str:
    """Return the text that is annotated for some segments.

    Parameters
    ----------
    segments : sequence of str
        Parts of one text, in order.
    separators : sequence of str
        Characters between each segment and the next one, one item fewer than ``segments``; a line
        end by default.
    """
    if not separators:
        return "\n".join(segments)
    return "".join(part for pair in zip(segments, [*separators, ""]) for part in pair)


def is_encodable(text: str) -> bool:
    """Return whether a text is Unicode: it has no half of a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_text(text: str) -> None:
    """Check that a value is text that every reader reads alike.

    Raises
    ------
    Refusal
        If it has a NUL character or half of a surrogate pair: PHI around them would not be found,
        and tables cannot hold the latter.
    """
    if "\0" in text or not is_encodable(text):
        raise Refusal(
            Reason.MALFORMED_ROW,
            "a value has a NUL character or half of a surrogate pair; correct it",
        )


def needs_annotation(text: str) -> bool:
    """Return whether a text has at least two letters or digits, so that it can hold PHI."""
    return sum(map(str.isalnum, text[:1000])) > 1 or len(text) > 1000
