"""What all formats have in common."""

from __future__ import annotations

import codecs
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Optional, TypeVar

from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.file_encodings import encoding_of
from safelight.notes.models import PatientFacts
from safelight.notes.record_subject import NotesOptions, Subject
from safelight.records import Reason, Refusal

T = TypeVar("T")


@dataclass(frozen=True)
class Piece:
    """A file, or a piece of a large one that begins and ends between records. HOLDS PHI.

    Attributes
    ----------
    data : bytes
    format : str
        See ``format_of``.
    name : str
        Where it comes from: stands in for what a record does not say. PHI.
    first_row : int
        Number of its first record in the file, from 1.
    header : tuple of str
        Columns of a CSV file, if this piece is not its first.
    delimiter : str
        Of a CSV file; empty: to be found out.
    """

    data: bytes = field(repr=False)
    format: str
    name: str = field(repr=False)
    first_row: int = 1
    header: tuple[str, ...] = ()
    delimiter: str = ""


@dataclass(frozen=True)
class Record(Generic[T]):
    """One note of a piece; ``refusal`` instead of a value where it cannot be read."""

    row: int
    value: Optional[T] = field(default=None, repr=False)
    refusal: Optional[Refusal] = None


class Format(ABC, Generic[T]):
    """Reads the records of one piece, says what is in them, and writes them anew.

    Parameters
    ----------
    piece : Piece
    options : NotesOptions
    """

    def __init__(self, piece: Piece, options: NotesOptions):
        self.piece = piece
        self.options = options
        self.encoding = encoding_of(piece.data, options.encoding)

    @abstractmethod
    def records(self) -> Iterator[Record[T]]:
        """The records in their order.

        Raises
        ------
        Refusal
            If the piece as a whole cannot be read.
        """

    @abstractmethod
    def subject(self, value: T) -> Subject:
        """Whom a record is about."""

    @abstractmethod
    def walk(self, value: T, visitor: FieldVisitor) -> Any:
        """The record with each value as the visitor gives it."""

    @abstractmethod
    def encode(self, new: Any) -> bytes:
        """A rewritten record as it stands in the output, without what separates records."""

    @abstractmethod
    def join(self, records: Sequence[tuple[Any, bytes]]) -> bytes:
        """The bytes of the output, from rewritten records and how they are encoded."""

    @property
    def written_encoding(self) -> str:
        """The input's encoding, or UTF-8 where each record would have a mark of its own."""
        return "utf-8" if codecs.lookup(self.encoding).name.startswith("utf") else self.encoding

    def facts(self) -> dict[str, PatientFacts]:
        """Facts about patients that this piece itself holds, for all of its records."""
        return {}


def malformed(sentence: str) -> Refusal:
    """The refusal of one record."""
    return Refusal(Reason.MALFORMED_ROW, sentence)


def decode(data: bytes, encoding: str) -> str:
    """Text of a piece; bytes that are not of the encoding become lone surrogates."""
    text = data.decode(encoding, "surrogateescape")
    return text.removeprefix("\ufeff")


def check_decoded(text: str, encoding: str) -> None:
    """Refuse a record with bytes that are not of the encoding.

    Raises
    ------
    Refusal
        If there are any: a wrongly read name would not be found.
    """
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise malformed(f"the text is not {encoding}; name its encoding with --encoding")
