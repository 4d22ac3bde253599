"""Data stores of the stand-in for AWS HealthImaging: image sets, versions and import jobs.

The rules are those of the developer guide of AWS HealthImaging, pages "Understanding import jobs",
"Pixel data verification", "Metadata normalization", "HealthImaging Warning Codes" and "Endpoints
and quotas". The live service was never asked.
"""

from __future__ import annotations

import io
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Optional
from uuid import uuid4

import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels import iter_pixels

#: Quotas of an import job: page "Endpoints and quotas".
MAX_JOB_FILES = 5_000
MAX_JOB_BYTES = 10 * 10**9
MAX_FILE_BYTES = 4 * 10**9
MAX_CONCURRENT_JOBS = 100

#: Transfer syntaxes that keep their encoding: page "Pixel data verification".
KEPT_SYNTAXES = frozenset(
    f"1.2.840.10008.1.2.4.{last}" for last in (50, 91, 203, 100, 101, 102, 103, 104, 105, 106)
)

#: Attributes that must agree within a primary image set: page "Understanding import jobs".
GROUPING = (
    "PatientID", "StudyInstanceUID", "StudyID", "StudyDate", "AccessionNumber",
    "SeriesInstanceUID", "SeriesNumber",
)  # fmt: skip

#: Warning types as the page "Understanding import jobs" spells them, with their numbers.
WARNING_CODES = {
    "CoercionOfDataElements": 45056,
    "ElementsDiscarded": 45062,
    "SopClassDataMismatch": 45063,
    "TranscodingException": 45312,
    "FramesExtractionFailure": 45328,
    "FrameNumberMismatch": 45329,
    "InvalidOffsetTable": 45330,
    "UnsupportedTransferSyntax": 45344,
    "InvalidUidFormat": 45570,
    "InvalidDicomValueLength": 45571,
    "Other": 47513,
}


class ServiceError(Exception):
    """Error of the service: its code, its HTTP status, and a message."""

    def __init__(self, code: str, status: int, message: str = "refused"):
        super().__init__(message)
        self.code, self.status = code, status


def not_found() -> ServiceError:
    return ServiceError("ResourceNotFoundException", 404, "resource not found")


def invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", 400, message)


def new_id() -> str:
    return uuid4().hex


def now() -> float:
    return datetime.now(timezone.utc).timestamp()


@dataclass
class Frame:
    """One frame: its ID, its bytes as they are stored, and its checksum."""

    data: bytes = field(repr=False)
    checksum: int
    rows: int
    columns: int
    decoded_bytes: int
    id: str = field(default_factory=new_id)


@dataclass
class Instance:
    """One imported instance."""

    data: bytes = field(repr=False)
    header: Dataset = field(repr=False)
    frames: list[Frame] = field(repr=False)
    warning: Optional[str] = None

    @property
    def sop_uid(self) -> str:
        return str(self.header.SOPInstanceUID)

    @property
    def grouping(self) -> tuple[str, ...]:
        return tuple(str(self.header.get(name, "")) for name in GROUPING)


@dataclass
class ImageSet:
    """One image set with all its versions; each version maps SOP Instance UIDs to instances."""

    is_primary: bool
    versions: list[dict[str, Instance]]
    id: str = field(default_factory=new_id)
    state: str = "ACTIVE"
    workflow: str = "CREATED"
    polls_left: int = 0
    created: float = field(default_factory=now)
    updated: float = field(default_factory=now)

    @property
    def instances(self) -> dict[str, Instance]:
        return self.versions[-1]

    @property
    def first(self) -> Instance:
        return next(iter(self.instances.values()))


@dataclass
class ImportJob:
    """One import job; its status is SUBMITTED and IN_PROGRESS for a number of polls."""

    request: dict[str, Any]
    polls_left: int
    id: str = field(default_factory=new_id)
    submitted: float = field(default_factory=now)
    ended: Optional[float] = None
    final: Optional[str] = None
    message: Optional[str] = None

    @property
    def output(self) -> str:
        prefix = str(self.request["outputS3Uri"]).rstrip("/")
        return f"{prefix}/{self.request['datastoreId']}-DicomImport-{self.id}/"

    @property
    def is_open(self) -> bool:
        return self.polls_left > 0 or self.final is None

    def status(self) -> str:
        if not self.is_open:
            return str(self.final)
        return "SUBMITTED" if self.polls_left > 1 else "IN_PROGRESS"


class DataStore:
    """One data store.

    Attributes
    ----------
    failures : dict
        Exception type by SOP Instance UID: these instances fail to be imported.
    warnings : dict
        Warning type by SOP Instance UID: these instances are imported with a warning.
    damaged : set
        SOP Instance UIDs whose stored frames differ from what was imported.
    polls_until_done, polls_until_deleted : int
        Polls of a job and of a deletion that find it unfinished.
    events : list
        Events for EventBridge, in order.
    """

    def __init__(self, s3: Any, datastore_id: Optional[str] = None):
        self.id = datastore_id or new_id()
        self.status = "ACTIVE"
        self.image_sets: dict[str, ImageSet] = {}
        self.jobs: dict[str, ImportJob] = {}
        self.failures: dict[str, str] = {}
        self.warnings: dict[str, str] = {}
        self.damaged: set[str] = set()
        self.polls_until_done = 2
        self.polls_until_deleted = 0
        self.events: list[dict[str, Any]] = []
        self.on_event: Callable[[dict[str, Any]], None] = self.events.append
        self._s3 = s3
        self._lock = threading.RLock()

    # Import jobs

    def start(self, request: dict[str, Any]) -> ImportJob:
        """Start a job; a repeated client token returns the job of the first request."""
        with self._lock:
            for job in self.jobs.values():
                if job.request["clientToken"] == request["clientToken"]:
                    if job.request != request:
                        raise ServiceError("ConflictException", 409, "token was used otherwise")
                    return job
            if sum(job.is_open for job in self.jobs.values()) >= MAX_CONCURRENT_JOBS:
                raise ServiceError("ServiceQuotaExceededException", 402, "too many jobs")
            job = ImportJob(request, self.polls_until_done)
            self.jobs[job.id] = job
        self._emit_job(job, "Import Job Submitted", "SUBMITTED")
        threading.Thread(target=self._import, args=(job,), daemon=True).start()
        return job

    def poll(self, job_id: str) -> ImportJob:
        """Return a job; each poll of an unfinished one brings it nearer to its end."""
        job = self.jobs.get(job_id)
        if job is None:
            raise not_found()
        job.polls_left = max(0, job.polls_left - 1)
        return job

    def _import(self, job: ImportJob) -> None:
        try:
            job.final = "COMPLETED" if self._import_files(job) else "FAILED"
        except Exception as error:
            job.final, job.message = "FAILED", type(error).__name__
        job.ended = now()
        name = "Import Job Completed" if job.final == "COMPLETED" else "Import Job Failed"
        self._emit_job(job, name, job.final)

    def _import_files(self, job: ImportJob) -> bool:
        bucket, _, prefix = str(job.request["inputS3Uri"])[5:].partition("/")
        found = list(self._list(bucket, prefix))
        if len(found) > MAX_JOB_FILES:
            job.message = "Number of files exceeds the quota"
            return False
        if sum(size for _, size in found) > MAX_JOB_BYTES:
            job.message = "Size of files exceeds the quota"
            return False
        lines: dict[str, list[dict[str, Any]]] = {"SUCCESS": [], "FAILURE": [], "WARNING": []}
        touched: dict[str, int] = {}
        for key, size in found:
            data = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            try:
                if size > MAX_FILE_BYTES:
                    raise invalid("File exceeds the maximum size")
                image_set = self.add(data)
            except ServiceError as error:
                exception = {"exceptionType": error.code, "message": str(error)}
                lines["FAILURE"].append({"inputFile": key, "exception": exception})
                continue
            touched[image_set.id] = touched.get(image_set.id, 0) + 1
            response: dict[str, Any] = {
                "imageSetId": image_set.id,
                "imageSetVersion": len(image_set.versions),
                "isPrimary": image_set.is_primary,
            }
            lines["SUCCESS"].append({"inputFile": key, "importResponse": dict(response)})
            warning = image_set.instances[read_header(data).SOPInstanceUID].warning
            if warning:
                response["warnings"] = [
                    {
                        "warning_reason_code": WARNING_CODES[warning],
                        "type": warning,
                        "message": "The file was imported with a warning.",
                    }
                ]
                lines["WARNING"].append({"inputFile": key, "importResponse": response})
        self._write_results(job, len(found), lines, touched)
        return True

    def _write_results(
        self,
        job: ImportJob,
        scanned: int,
        lines: dict[str, list[dict[str, Any]]],
        touched: dict[str, int],
    ) -> None:
        bucket, _, prefix = job.output[5:].partition("/")
        for name, entries in lines.items():
            if entries:
                body = "".join(json.dumps(entry) + "\n" for entry in entries)
                key = f"{prefix}{name}/{name.lower()}.ndjson"
                self._s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
        summary = {
            "jobId": job.id,
            "datastoreId": self.id,
            "inputS3Uri": job.request["inputS3Uri"],
            "outputS3Uri": job.output,
            "successOutputS3Uri": f"{job.output}SUCCESS/",
            "failureOutputS3Uri": f"{job.output}FAILURE/",
            "warningsOutputS3Uri": f"{job.output}WARNING/",
            "numberOfScannedFiles": scanned,
            "numberOfImportedFiles": len(lines["SUCCESS"]),
            "numberOfFilesWithCustomerError": len(lines["FAILURE"]),
            "numberOfFilesWithServerError": 0,
            "numberOfGeneratedImageSets": len(touched),
            "imageSetsSummary": [
                {
                    "imageSetId": one,
                    "imageSetVersion": len(self.image_sets[one].versions),
                    "isPrimary": self.image_sets[one].is_primary,
                    "numberOfMatchedSOPInstances": count,
                }
                for one, count in touched.items()
            ],
        }
        body = json.dumps({"jobSummary": summary}).encode()
        self._s3.put_object(Bucket=bucket, Key=f"{prefix}job-output-manifest.json", Body=body)

    def _list(self, bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for entry in page.get("Contents", ()):
                if not entry["Key"].endswith("/"):
                    yield entry["Key"], entry["Size"]

    # Image sets

    def add(self, data: bytes) -> ImageSet:
        """Add an instance to its primary image set, or to another one on conflicting metadata."""
        header = read_header(data)
        for keyword in ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
            if not header.get(keyword):
                raise invalid(f"DICOM attribute {keyword} does not exist")
        if not header.file_meta.get("TransferSyntaxUID"):
            raise invalid("DICOM attribute TransferSyntaxUID does not exist")
        uid = str(header.SOPInstanceUID)
        if uid in self.failures:
            raise ServiceError(self.failures[uid], 400, "the file cannot be imported")
        frames, warning = read_frames(data, uid in self.damaged)
        instance = Instance(data, header, frames, self.warnings.get(uid, warning))
        with self._lock:
            return self._place(instance)

    def _place(self, instance: Instance) -> ImageSet:
        series = [
            one
            for one in self.image_sets.values()
            if one.state == "ACTIVE"
            and one.first.header.SeriesInstanceUID == instance.header.SeriesInstanceUID
        ]
        for one in series:
            if one.first.grouping == instance.grouping:
                added = {**one.instances, instance.sop_uid: instance}
                if instance.sop_uid in one.instances:
                    one.versions.append(added)
                else:
                    one.versions[-1] = added
                one.updated, one.workflow = now(), "UPDATED"
                return one
        made = ImageSet(not any(one.is_primary for one in series), [{instance.sop_uid: instance}])
        self.image_sets[made.id] = made
        self._emit_image_set(made, "Image Set Created")
        return made

    def find(self, image_set_id: str) -> ImageSet:
        """Return an image set; one that is being deleted is found a number of times."""
        found = self.image_sets.get(image_set_id)
        if found is None or found.state == "DELETED":
            raise not_found()
        if found.state == "LOCKED":
            found.polls_left -= 1
            if found.polls_left < 0:
                found.state, found.workflow = "DELETED", "DELETED"
                self._emit_image_set(found, "Image Set Deleted")
                raise not_found()
        return found

    def delete(self, image_set_id: str) -> ImageSet:
        """Start the deletion of an image set, which takes a number of polls."""
        found = self.find(image_set_id)
        if found.state != "ACTIVE":
            raise ServiceError("ConflictException", 409, "the image set is locked")
        found.state, found.workflow = "LOCKED", "DELETING"
        found.polls_left = self.polls_until_deleted
        self._emit_image_set(found, "Image Set Deleting")
        return found

    # Events

    def _emit_job(self, job: ImportJob, name: str, status: str) -> None:
        detail = {
            "imagingVersion": "1.0",
            "datastoreId": self.id,
            "jobId": job.id,
            "jobName": job.request.get("jobName", ""),
            "jobStatus": status,
            "inputS3Uri": job.request["inputS3Uri"],
            "outputS3Uri": job.output,
        }
        self._emit(name, detail)

    def _emit_image_set(self, image_set: ImageSet, name: str) -> None:
        detail = {
            "imagingVersion": "1.0",
            "isPrimary": image_set.is_primary,
            "imageSetVersion": str(len(image_set.versions)),
            "datastoreId": self.id,
            "imagesetId": image_set.id,
            "imageSetState": image_set.state,
            "imageSetWorkflowStatus": image_set.workflow,
        }
        self._emit(name, detail)

    def _emit(self, name: str, detail: dict[str, Any]) -> None:
        self.on_event(
            {
                "version": "0",
                "id": str(uuid4()),
                "detail-type": name,
                "source": "aws.medical-imaging",
                "account": "123456789012",
                "time": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "region": "us-east-1",
                "resources": [
                    f"arn:aws:medical-imaging:us-east-1:123456789012:datastore/{self.id}"
                ],
                "detail": detail,
            }
        )


def read_header(data: bytes) -> Dataset:
    """Return the data set without its pixel data."""
    try:
        return pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True)
    except Exception:
        raise invalid("DICOM attributes does not exist") from None


def read_frames(data: bytes, is_damaged: bool) -> tuple[list[Frame], Optional[str]]:
    """Return the frames as the service stores and sums them, and the type of a warning."""
    ds = pydicom.dcmread(io.BytesIO(data))
    if "PixelData" not in ds:
        return [], None
    try:
        frames = [
            Frame(part, zlib.crc32(summed) ^ is_damaged, ds.Rows, ds.Columns, len(summed))
            for part, summed in _split_frames(ds)
        ]
    except Exception:
        return [], "FramesExtractionFailure"
    return frames, None


def _split_frames(ds: Dataset) -> Iterator[tuple[bytes, bytes]]:
    """Yield each frame as it is stored, and the bytes whose CRC32 is its checksum."""
    count = int(ds.get("NumberOfFrames", 1) or 1)
    syntax = ds.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        size = len(ds.PixelData) // count
        for start in range(0, size * count, size):
            part = bytes(ds.PixelData[start : start + size])
            yield part, part
        return
    encoded = generate_frames(ds.PixelData, number_of_frames=count)
    if syntax in KEPT_SYNTAXES:
        yield from ((part, part) for part in encoded)
        return
    for part, pixels in zip(encoded, iter_pixels(ds, raw=True)):
        yield part, pixels.tobytes()
