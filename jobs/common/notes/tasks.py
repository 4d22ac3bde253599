"""Data that is sent to the workers of a batch of notes, and between its stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from jobs.common.delta.arrow_rows import Int32
from jobs.common.delta.rows import StoredSpan
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.object_limits import ObjectLimits
from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.options import NotesOptions
from safelight.pseudonyms import Pseudonyms
from safelight.text.known.known_phi import KnownValue


@dataclass(frozen=True)
class NotesBuilder:
    """Builder of the de-identifier of notes; equal builders build the same de-identifier.

    Attributes
    ----------
    options : NotesOptions
        Options of the run about its input.
    year : int
        Year of the run, which all workers share.
    """

    options: NotesOptions
    year: int

    def __call__(self, config: DeidentifierConfig) -> NotesDeidentifier:
        """Return the de-identifier."""
        return NotesDeidentifier(
            config.rules,
            key=config.key,
            namespace=config.namespace,
            text=config.text,
            options=self.options,
            year=self.year,
        )


@dataclass(frozen=True)
class NotesBatchContext:
    """One batch of one run, as it is sent to workers.

    Attributes
    ----------
    deidentifier : DeidentifierConfig
    build : NotesBuilder
    output : str
        URI of the folder of the output.
    run_id : str
    batch : int
        Number of the batch in the run; -1 before the first one.
    rules_name : str
    fields_hash : str
        Hash of the options and of the tables of columns and fields.
    isolated : bool
        Process each piece in a child process: a worker died in this batch.
    limits : ObjectLimits
        Time and memory of one piece.
    """

    deidentifier: DeidentifierConfig
    build: NotesBuilder
    output: str
    run_id: str
    batch: int
    rules_name: str
    fields_hash: str
    isolated: bool = False
    limits: ObjectLimits = ObjectLimits()

    def table_name(self, uri: str, names: Pseudonyms) -> str:
        """Return the name of a Delta table in the output: the same for all its versions.

        Parameters
        ----------
        uri : str
            URI of the source table.
        names : Pseudonyms
            Derives the name from the URI, the rules, the stages and the options.

        Returns
        -------
        str
            Pseudonym of up to 24 characters.
        """
        settings = f"{self.deidentifier.rules_hash}{self.deidentifier.stages}{self.fields_hash}"
        return names.token("file", f"{uri}\n{settings}", 24)

    def parts_folder(self, source_id: str, names: Pseudonyms) -> str:
        """Return the folder of the rows of a Delta table until they are committed to it.

        Parameters
        ----------
        source_id : str
            Keyed hash of the URI and the version of the source table.
        names : Pseudonyms
            Derives the name of the folder.

        Returns
        -------
        str
            Path below the folder of the output. It differs for each run.
        """
        return f".parts/{names.token('file', source_id, 24)}-{self.run_id}"


@dataclass(slots=True)
class PieceItem:
    """One piece of a file of notes, as a row of the listing. HOLDS PHI.

    Attributes
    ----------
    position : int
        Position in the listing of the batch.
    source_id : str
        Keyed hash of the URI and the version of the file.
    uri, version : str
        The file.
    size : int
        Bytes of the file.
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
    reason_code, reason : str
        Refusal by an earlier stage of the batch; empty if there is none.
    """

    position: Int32
    source_id: str
    uri: str
    size: int
    version: str
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
    reason_code: str
    reason: str

    def __repr__(self) -> str:
        """Return a representation without PHI."""
        return f"{type(self).__name__}({self.source_id!r}, {self.piece})"


@dataclass(slots=True)
class NoteText:
    """A text to annotate. HOLDS PHI."""

    text_hmac: str
    text: str


@dataclass(slots=True, repr=False)
class ScannedPiece(PieceItem):
    """One piece after SCAN. HOLDS PHI.

    Attributes
    ----------
    texts : list of NoteText
        Texts to annotate.
    patients : list of str
        Keys of the patients that the piece refers to.
    """

    texts: list[NoteText]
    patients: list[str]


@dataclass(slots=True)
class TextSpans:
    """Spans of one text, by its keyed hash."""

    text_hmac: str
    spans: Optional[list[StoredSpan]]


@dataclass(slots=True)
class FactsRow:
    """Known values of one patient. HOLDS PHI.

    Attributes
    ----------
    key : str
        Key of the patient.
    identity : str or None
        Identity of the patient; the key of the pseudonym.
    known : list of KnownValue or None
    """

    key: str
    identity: Optional[str]
    known: Optional[list[KnownValue]]


@dataclass(slots=True, repr=False)
class AnnotatedPiece(PieceItem):
    """One piece before REBUILD. HOLDS PHI.

    Attributes
    ----------
    spans : list of TextSpans or None
        Spans of the texts of the piece; ``None`` if the text stage is off or found none.
    facts : list of FactsRow or None
        Known values of the patients that the piece refers to.
    """

    spans: Optional[list[TextSpans]]
    facts: Optional[list[FactsRow]]
