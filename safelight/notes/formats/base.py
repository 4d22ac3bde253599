"""Base class of the formats of notes: one subclass describes one format completely.

To add a format, write a subclass in a module of its own and add it to ``FORMATS`` in
:mod:`safelight.notes.formats`. The jobs ask the class for everything that depends on the format.
"""

from __future__ import annotations

import codecs
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, Optional, TypeVar

from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.file_encodings import detect_encoding
from safelight.notes.file_splitting import FilePartRange, SplittableFile
from safelight.notes.models import PatientFacts
from safelight.notes.options import NotesOptions
from safelight.notes.record_subject import RecordSubject
from safelight.records import Reason, Refusal

T = TypeVar("T")

#: Unit in which a large file can be split; ``None``: it cannot be split.
SplitUnit = Optional[Literal["bytes", "row_groups"]]


@dataclass(frozen=True)
class FilePart:
    """A file, or a part of a large file that begins and ends between records. HOLDS PHI.

    Attributes
    ----------
    data : bytes
    format : str
        Name of the format: ``csv``, ``tsv``, ``json``, ``jsonl``, ``parquet``, ``delta``, ``hl7``,
        ``xml``, ``pdf`` or ``txt``.
    name : str
        URI of the file. Identifies records that have no ID of their own. HOLDS PHI.
    first_row : int
        Number of the first record of the part, from 1.
    header : tuple of str
        Columns of a CSV file, if the part is not its first one.
    delimiter : str
        Delimiter of a CSV file; empty: detected.
    """

    data: bytes = field(repr=False)
    format: str
    name: str = field(repr=False)
    first_row: int = 1
    header: tuple[str, ...] = ()
    delimiter: str = ""


@dataclass(frozen=True)
class InputRecord(Generic[T]):
    """One record of a part; with a refusal instead of a value if it cannot be read."""

    row: int
    value: Optional[T] = field(default=None, repr=False)
    refusal: Optional[Refusal] = None


class NoteFormat(ABC, Generic[T]):
    """Reader and writer of one format, opened on one part of a file.

    Parameters
    ----------
    part : FilePart
    options : NotesOptions

    Attributes
    ----------
    name : str
        Name of the format: value of the column ``format``, and the suffix of output files.
    label : str
        Description for help texts.
    suffixes : tuple of str
        Ends of file names, lower case, without the dot.
    split_unit : str or None
        Unit in which a large file can be split: byte ranges (see :meth:`split`) or row groups
        of Parquet; ``None`` if the file is always processed as a whole.
    is_single_note : bool
        A file is one note. Its output is in a folder of its patient.
    may_hold_fhir : bool
        Records may be FHIR resources, which state facts about the patients of other files.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    split_unit: ClassVar[SplitUnit] = None
    is_single_note: ClassVar[bool] = False
    may_hold_fhir: ClassVar[bool] = False

    def __init__(self, part: FilePart, options: NotesOptions):
        self.part = part
        self.options = options
        self.encoding = detect_encoding(part.data, options.encoding)

    @classmethod
    def split(cls, file: SplittableFile, _options: NotesOptions) -> list[FilePartRange]:
        """Return the parts of a large file; one part if it cannot be split.

        Overridden where ``split_unit`` is ``bytes``.

        Parameters
        ----------
        file : SplittableFile
            File to split, with the wanted size of a part.
        _options : NotesOptions
            User settings that describe the input; not used by the base class.

        Returns
        -------
        list of FilePartRange
            Consecutive byte ranges that cover the whole file.
        """
        return [FilePartRange(0, file.size)]

    @classmethod
    def output_name(cls, file_token: str, part: int, parts: int, patient_pseudonym: str) -> str:
        """Return the path of an output file below the output folder, without ``.gz``.

        Parameters
        ----------
        file_token : str
            Pseudonym of the source file, whose name may hold PHI.
        part, parts : int
            Number of the part, from 1, and of all parts of the file.
        patient_pseudonym : str
            Patient of the first note of the part.
        """
        if cls.is_single_note:
            return f"{patient_pseudonym}/{file_token}.{cls.name}"
        if parts > 1:
            return f"{file_token}/part-{part:05d}.{cls.name}"
        return f"{file_token}.{cls.name}"

    @abstractmethod
    def read_records(self) -> Iterator[InputRecord[T]]:
        """Read the records of the part in their order.

        Raises
        ------
        Refusal
            If the part as a whole cannot be read.
        """

    @abstractmethod
    def find_subject(self, value: T) -> RecordSubject:
        """Return the patient, the note ID and the known values of a record."""

    @abstractmethod
    def visit_record(self, value: T, visitor: FieldVisitor) -> Any:
        """Pass each value of a record to the visitor and return the record of new values.

        Parameters
        ----------
        value : T
            Value of an ``InputRecord`` from ``read_records``.
        visitor : FieldVisitor
            Collects the texts, or returns the new value of each field.

        Returns
        -------
        Any
            New record, in the form that ``encode_record`` and ``join_records`` take.

        Raises
        ------
        Refusal
            If the record cannot be read, or a value cannot be cleaned.
        """

    @abstractmethod
    def encode_record(self, new: Any) -> bytes:
        """Return the bytes of a new record, without separators between records."""

    @abstractmethod
    def join_records(self, records: Sequence[tuple[Any, bytes]]) -> bytes:
        """Return the bytes of the output file from new records and their encoded bytes."""

    @property
    def output_encoding(self) -> str:
        """Encoding of the output: that of the input, but UTF-8 instead of UTF-16 and UTF-32.

        Records are encoded one by one, and each would get a byte order mark.
        """
        return "utf-8" if codecs.lookup(self.encoding).name.startswith("utf") else self.encoding

    def find_patient_facts(self) -> dict[str, PatientFacts]:
        """Return the facts about patients that this part states, for records of any file."""
        return {}


def malformed_record(sentence: str) -> Refusal:
    """Return the refusal of one record."""
    return Refusal(Reason.MALFORMED_ROW, sentence)


def decode_part(data: bytes, encoding: str) -> str:
    """Decode a part; bytes that are not of the encoding become lone surrogates.

    Parameters
    ----------
    data : bytes
        Bytes of the part.
    encoding : str
        Name of a Python codec.

    Returns
    -------
    str
        Text without byte order mark.

    Raises
    ------
    LookupError
        If Python does not have the encoding.
    Refusal
        If invalid bytes cannot become lone surrogates, as in damaged UTF-16.
    """
    try:
        text = data.decode(encoding, "surrogateescape")
    except UnicodeDecodeError:
        raise Refusal(
            Reason.MALFORMED, f"the file is not {encoding}; name its encoding with --encoding"
        ) from None
    return text.removeprefix("\ufeff")


def check_decoded(text: str, encoding: str) -> None:
    """Check that a text has no bytes that are not of the encoding.

    Parameters
    ----------
    text : str
        Result of ``decode_part``, or a part of it.
    encoding : str
        Encoding from which the text was decoded, for the error message.

    Raises
    ------
    Refusal
        If there are any: a name with a wrong character would not be found as PHI.
    """
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise malformed_record(f"the text is not {encoding}; name its encoding with --encoding")
