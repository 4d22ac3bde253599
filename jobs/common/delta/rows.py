"""Rows of the Delta tables: one dataclass per table, the single source of its schema.

The columns are the fields, see :mod:`jobs.common.delta.arrow_rows`. To add a column, add a field
at the end of the class; existing tables get the column at the next run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Optional

from jobs.common.delta.arrow_rows import Int32


@dataclass(slots=True)
class TableRow:
    """Base class of the rows of all tables."""

    #: Name of the table.
    table: ClassVar[str]


@dataclass(slots=True)
class SourceRow(TableRow):
    """A source object or file. HOLDS PHI: the URI."""

    table: ClassVar[str] = "sources"

    first_run_id: str
    batch: Int32
    source_id: str
    source_uri: str
    source_bytes: int
    source_version: str
    namespace: str
    key_id: str

    def __repr__(self) -> str:
        """Return a representation without the URI."""
        return f"SourceRow({self.source_id!r})"


@dataclass(slots=True)
class MappingRow(TableRow):
    """A pair of an original value, encrypted, and its pseudonym."""

    table: ClassVar[str] = "mapping"

    first_run_id: str
    batch: Int32
    namespace: str
    kind: str
    original_encrypted: bytes
    original_hmac: str
    pseudonym: str
    patient_pseudonym: str
    key_id: str


@dataclass(slots=True)
class BatchRow(TableRow):
    """Base class of rows about one source of one batch of a run."""

    run_id: str
    batch: Int32
    source_id: str


@dataclass(slots=True)
class AuditRow(BatchRow):
    """A changed element, or a group of changed regions, of one instance."""

    table: ClassVar[str] = "audit"

    sop_uid: str
    location: str
    keyword: str
    vr: str
    action: str
    rule: str
    detail: str


@dataclass(slots=True)
class FindingRow(BatchRow):
    """A finding of PHI in one instance, without the text itself."""

    table: ClassVar[str] = "findings"

    sop_uid: str
    location: str
    entity: str
    engine: str
    confidence: float
    box: Optional[list[Int32]]
    frame: Optional[Int32]
    text_hmac: str


@dataclass(slots=True)
class CatalogRow(BatchRow):
    """De-identified attributes of one written instance, for searches."""

    table: ClassVar[str] = "catalog"

    patient_pseudonym: str
    study_uid: str
    series_uid: str
    sop_uid: str
    sop_class_uid: str
    output_uri: str
    image_type: Optional[str] = None
    study_date: Optional[str] = None
    series_date: Optional[str] = None
    acquisition_date: Optional[str] = None
    modality: Optional[str] = None
    manufacturer: Optional[str] = None
    manufacturer_model_name: Optional[str] = None
    study_description: Optional[str] = None
    series_description: Optional[str] = None
    protocol_name: Optional[str] = None
    body_part_examined: Optional[str] = None
    view_position: Optional[str] = None
    patient_sex: Optional[str] = None
    patient_age: Optional[str] = None
    slice_thickness: Optional[str] = None
    series_number: Optional[Int32] = None
    instance_number: Optional[Int32] = None
    number_of_frames: Optional[Int32] = None
    rows: Optional[Int32] = None
    columns: Optional[Int32] = None
    pixel_spacing: Optional[str] = None
    photometric_interpretation: Optional[str] = None
    burned_in_annotation: Optional[str] = None
    patient_size: Optional[float] = None
    patient_weight: Optional[float] = None
    contrast_bolus_agent: Optional[str] = None
    kvp: Optional[float] = None
    magnetic_field_strength: Optional[float] = None
    laterality: Optional[str] = None
    image_laterality: Optional[str] = None
    study_day: Optional[date] = None
    series_day: Optional[date] = None
    acquisition_day: Optional[date] = None
    patient_age_years: Optional[float] = None
    slice_thickness_mm: Optional[float] = None
    row_spacing_mm: Optional[float] = None
    column_spacing_mm: Optional[float] = None
    sop_class_name: Optional[str] = None
    transfer_syntax_uid: Optional[str] = None
    rules_name: Optional[str] = None
    namespace: Optional[str] = None
    region_of_residence: Optional[str] = None
    ethnic_group: Optional[str] = None


@dataclass(slots=True)
class InstanceRow(BatchRow):
    """The outcome of one source object."""

    table: ClassVar[str] = "instances"

    source_bytes: int
    status: str
    reason_code: str
    reason: str
    output_uri: Optional[str]
    output_bytes: Optional[int]
    output_sha256: Optional[str]
    sop_class_uid: str
    modality: str
    transfer_syntax_in: str
    transfer_syntax_out: str
    patient_pseudonym: str
    study_uid: str
    series_uid: str
    sop_uid: str
    rules_hash: str
    rules_name: str
    namespace: str
    key_id: str
    stages: str
    output_root: str
    software_version: str
    processed_at: datetime
    seconds: float


@dataclass(slots=True)
class NoteFindingRow(BatchRow):
    """A finding of PHI in one note; the offsets are those in the de-identified field."""

    table: ClassVar[str] = "notes_findings"

    piece: Int32
    row: int
    note_id: str
    field: str
    entity: str
    engine: str
    confidence: float
    action: str
    begin: Int32
    end: Int32
    text_hmac: str


@dataclass(slots=True)
class NoteRow(BatchRow):
    """The outcome of one note."""

    table: ClassVar[str] = "notes"

    piece: Int32
    row: int
    note_id: str
    patient_pseudonym: str
    status: str
    reason_code: str
    reason: str
    chars_in: int
    chars_out: int
    output_uri: Optional[str]
    output_sha256: Optional[str]
    rules_hash: str
    processed_at: datetime


@dataclass(slots=True)
class NoteFileRow(BatchRow):
    """The outcome of one file of notes, or of one piece of a large file."""

    table: ClassVar[str] = "note_files"

    piece: Int32
    pieces: Int32
    format: str
    source_bytes: int
    status: str
    reason_code: str
    reason: str
    notes: int
    notes_quarantined: int
    output_uri: Optional[str]
    output_bytes: Optional[int]
    output_sha256: Optional[str]
    rules_hash: str
    rules_name: str
    fields_hash: str
    namespace: str
    key_id: str
    stages: str
    output_root: str
    software_version: str
    processed_at: datetime
    seconds: float


@dataclass(slots=True)
class RunRow(TableRow):
    """A run; the columns about its end are empty while it lasts."""

    table: ClassVar[str] = "runs"

    run_id: str
    command: str
    started_at: datetime
    ended_at: Optional[datetime] = None
    outcome: Optional[str] = None
    parameters: Optional[dict[str, str]] = None
    rules_hash: Optional[str] = None
    counts: Optional[dict[str, int]] = None
    bytes_in: Optional[int] = None
    bytes_out: Optional[int] = None
    versions: Optional[dict[str, str]] = None


@dataclass(slots=True)
class StoredSpan:
    """A span of an annotated text. ``fine`` is the column name of the subtype."""

    begin: Int32
    end: Int32
    entity: str
    engine: str
    confidence: float
    fine: Optional[str]


@dataclass(slots=True)
class AnnotationRow(TableRow):
    """The spans of one text under one version of the text model, without the text itself.

    ``mac`` is the keyed message authentication code of the row. A row without a valid one is not
    used: a changed span would leave a name in the output.
    """

    table: ClassVar[str] = "annotations"

    text_hmac: str
    pipeline_version: str
    key_id: str
    spans: list[StoredSpan]
    mac: Optional[str] = None


@dataclass(slots=True)
class ReidentificationRow(TableRow):
    """An access to the original values of ``mapping``.

    ``entry`` and ``entry_hash`` are those of the table ``access_log``, which is in the restricted
    folder. They show if the last entries of that table were removed.
    """

    table: ClassVar[str] = "reidentifications"

    accessed_at: datetime
    accessed_by: str
    reason: str
    asked: str
    asked_count: Int32
    answered_count: Int32
    namespace: str
    key_id: str
    software_version: str
    entry: Optional[int] = None
    entry_hash: Optional[str] = None


@dataclass(slots=True)
class ReleaseRow(TableRow):
    """A release of de-identified objects.

    ``levels`` are the levels of generalisation by column of ``catalog``, and ``patients_held`` the
    patients who were held back to reach k. Both are null without a recipient.
    """

    table: ClassVar[str] = "releases"

    release: str
    released_at: datetime
    parameters: dict[str, str]
    objects: int
    bytes: int
    manifest_sha256: str
    software_version: str
    recipient: Optional[str] = None
    levels: Optional[dict[str, int]] = None
    patients_held: Optional[int] = None
    statement_sha256: Optional[str] = None


@dataclass(slots=True)
class ReleaseObjectRow(TableRow):
    """An object of a release to a recipient. RESTRICTED: it links the pseudonyms of recipients."""

    table: ClassVar[str] = "release_objects"

    release: str
    recipient: str
    run_id: str
    source_id: str
    namespace: str
    patient_pseudonym: str
    sop_uid: str
    released_path: str
    released_sha256: str
    released_sop_uid: str
    released_patient: str


@dataclass(slots=True)
class WithdrawalRow(TableRow):
    """A patient who was withdrawn, and the releases that hold objects of this patient."""

    table: ClassVar[str] = "withdrawals"

    namespace: str
    patient_pseudonym: str
    reason: str
    withdrawn_at: datetime
    objects: int
    releases: list[str]
    key_id: str
    software_version: str


@dataclass(slots=True)
class VerificationRow(TableRow):
    """The outcome of `verify` for one output: ``clean``, ``findings`` or ``unchecked``.

    A contradiction between outputs is a finding of each of them. ``checks`` names the checks that
    found something or could not be carried out, never a value.
    """

    table: ClassVar[str] = "verification"

    verification_id: str
    verified_at: datetime
    output_uri: str
    sop_uid: str
    outcome: str
    findings: Int32
    checks: list[str]
    compared: bool
    ocr: bool
    rules: str
    software_version: str
    text_model: Optional[bool] = None


@dataclass(slots=True)
class ImportRow(TableRow):
    """The outcome of one de-identified object in one import into AWS HealthImaging.

    ``chunk`` is the client token of the import; an object that failed and is tried again has a row
    for each chunk. ``gates`` are the reasons for which an imported instance is not released.
    """

    table: ClassVar[str] = "imports"

    datastore_id: str
    chunk: str
    job_id: str
    method: str
    output_uri: str
    output_sha256: str
    patient_pseudonym: str
    study_uid: str
    series_uid: str
    sop_uid: str
    status: str
    exception_type: str
    image_set_id: str
    image_set_version: Optional[Int32]
    is_primary: Optional[bool]
    warnings: list[str]
    frames: Optional[Int32]
    frame_check: str
    gates: list[str]
    released: bool
    imported_at: datetime
    software_version: str


@dataclass(slots=True)
class ImageSetDeletionRow(TableRow):
    """A step of the deletion of one image set of AWS HealthImaging, with all its versions."""

    table: ClassVar[str] = "image_set_deletions"

    datastore_id: str
    patient_pseudonym: str
    image_set_id: str
    versions: Int32
    state: str
    reason: str
    recorded_at: datetime
    software_version: str
