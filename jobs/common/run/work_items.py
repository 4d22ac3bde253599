"""Data that is sent to the workers, between the stages of a batch, and back to the driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from jobs.common.cli.arguments import DELTA_STORE
from jobs.common.delta.data_files import DataFile
from jobs.common.delta.rows import StoredSpan
from jobs.common.observe.progress_reporter import ProgressAddress
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.object_limits import ObjectLimits
from safelight.text.known.known_phi import KnownValue


@dataclass(frozen=True)
class BatchContext:
    """One batch of one run, as it is sent to workers.

    Attributes
    ----------
    deidentifier : DeidentifierConfig
    output, tables, mapping : str
        URIs of the folders of the output, of the tables and of the restricted tables.
    run_id : str
    batch : int
        Number of the batch in the run.
    rules_name : str
    limits : ObjectLimits
    progress : ProgressAddress, optional
        Address that workers report their progress to.
    mapping_store : str
        Store of the mapping: ``delta`` or ``dynamodb:TABLE``.
    replaces_outputs : bool
        Replace outputs that the batch wrote before, and write no rows.
    isolated : bool
        Process each object in a child process: one has ended its worker, and Spark does not repeat
        the task.
    """

    deidentifier: DeidentifierConfig
    output: str
    tables: str
    mapping: str
    run_id: str
    batch: int
    rules_name: str
    limits: ObjectLimits
    progress: Optional[ProgressAddress] = None
    mapping_store: str = DELTA_STORE
    replaces_outputs: bool = False
    isolated: bool = False


@dataclass(slots=True)
class WorkItem:
    """One unit of work: a source object, or a piece of one. HOLDS PHI: the URI.

    Attributes
    ----------
    position : int
        Position in the listing.
    source_id : str
        Keyed hash of the URI and the version.
    uri : str
    size : int
        Bytes of the source.
    version : str
        Version of the source as it was listed.
    """

    position: int
    source_id: str
    uri: str
    size: int
    version: str

    def __repr__(self) -> str:
        """Return a representation without the URI."""
        return f"{type(self).__name__}({self.source_id!r})"


@dataclass(slots=True)
class HashedText:
    """A text to annotate. HOLDS PHI: the text."""

    text_hmac: str
    text: str


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
        Identity of the patient: the key of the pseudonym.
    known : list of KnownValue or None
    """

    key: str
    identity: Optional[str]
    known: Optional[list[KnownValue]]


@dataclass(slots=True, repr=False)
class ScannedItem:
    """One item after SCAN. HOLDS PHI.

    Attributes
    ----------
    position : int
        Position of the item in the listing.
    scanned : bytes
        The item and its scan, without the texts, pickled.
    texts : list of HashedText
        Texts to annotate.
    references : list of str
        Keys of the patients whose known values are needed.
    """

    position: int
    scanned: bytes
    texts: list[HashedText]
    references: list[str]


@dataclass(slots=True, repr=False)
class AnnotatedItem:
    """One item before REBUILD. HOLDS PHI.

    Attributes
    ----------
    scanned : bytes
        See :class:`ScannedItem`.
    spans : list of TextSpans or None
        Spans of the texts of the item; ``None`` if they are broadcast or there are none.
    facts : list of FactsRow or None
        Known values of the patients that the item refers to.
    """

    scanned: bytes
    spans: Optional[list[TextSpans]]
    facts: Optional[list[FactsRow]]


@dataclass(slots=True)
class OutcomeCount:
    """Number of objects or notes with one status and reason code."""

    status: str
    reason_code: str
    count: int


@dataclass(slots=True)
class QuarantinedSource:
    """A quarantined source, as an example of its reason."""

    source_id: str
    reason_code: str


@dataclass(slots=True)
class TaskReport:
    """All that the driver receives of one task.

    Attributes
    ----------
    files : list of DataFile
        Data files of the tables that the task wrote.
    claims : bytes
        Claimed outputs as an Arrow stream of :class:`jobs.common.run.duplicates.OutputClaim`;
        empty if there are none.
    items : int
        Number of the items of the task.
    outcomes : list of OutcomeCount
    quarantined : list of QuarantinedSource
        The first quarantined sources of the task.
    bytes_in, bytes_out : int
        Bytes read and written.
    seconds : float
        Time of the task.
    """

    files: list[DataFile]
    claims: bytes
    items: int
    outcomes: list[OutcomeCount]
    quarantined: list[QuarantinedSource]
    bytes_in: int
    bytes_out: int
    seconds: float
