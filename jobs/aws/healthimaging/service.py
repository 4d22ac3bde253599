"""Call the actions of one data store of AWS HealthImaging within their rates."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Optional

from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.aws.clients import get_client
from jobs.common.aws.healthimaging_rates import action_bucket
from jobs.common.cli.errors import JobError, UsageError

#: Bytes of the metadata of one image set: at most 50 MB (page "AWS HealthImaging endpoints and
#: quotas").
_METADATA_MAX_BYTES = 200 << 20

#: Waits for the metadata of a large image set, which is processed after its import; until then the
#: answer is ConflictException (page "Getting image set metadata").
_CONFLICT_WAITS_SECONDS = (2.0, 5.0, 10.0, 20.0, 40.0)

#: Image sets or jobs of one page.
_PAGE_RESULTS = 50

#: Codes for a job that can be started later.
BUSY_CODES = frozenset({"ServiceQuotaExceededException", "ThrottlingException"})
NOT_FOUND_CODE = "ResourceNotFoundException"


class ServiceError(JobError):
    """Raised if an action fails.

    Parameters
    ----------
    message : str
        Sentence without PHI.
    code : str
        Code of the error.
    """

    def __init__(self, message: str, code: str):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class JobState:
    """State of an import job.

    Attributes
    ----------
    status : str
        ``SUBMITTED``, ``IN_PROGRESS``, ``COMPLETED`` or ``FAILED``.
    output_uri : str
        Folder of the results.
    """

    status: str
    output_uri: str

    @property
    def has_ended(self) -> bool:
        """True if the job has completed or failed."""
        return self.status in ("COMPLETED", "FAILED")


@dataclass(frozen=True)
class FoundImageSet:
    """One image set of a search.

    Attributes
    ----------
    id : str
        ID of the image set.
    version : int
        Current version.
    is_primary : bool or None
        Whether the image set is primary.
    """

    id: str
    version: int
    is_primary: Optional[bool]


@dataclass(frozen=True)
class JobRequest:
    """Request of an import job.

    Attributes
    ----------
    name, token : str
        Name of the job, and its client token.
    role_arn : str
        Role with which the service reads the input and writes the output.
    input_uri, output_uri : str
        Folders on S3.
    """

    name: str
    token: str
    role_arn: str
    input_uri: str
    output_uri: str


class DataStoreClient:
    """Client of one data store.

    Parameters
    ----------
    datastore_id : str
        ID of the data store.
    region : str, optional
        Region (default: that of the environment).
    sleep : callable, optional
        Waits for a number of seconds.

    Raises
    ------
    UsageError
        If no region is configured.
    """

    def __init__(
        self,
        datastore_id: str,
        region: Optional[str] = None,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._id = datastore_id
        self._client = get_client("medical-imaging", region)
        self._sleep = sleep

    @property
    def datastore_id(self) -> str:
        """ID of the data store."""
        return self._id

    def require_active(self) -> None:
        """Raise if the data store cannot be used.

        Raises
        ------
        ServiceError
            If it does not exist, or may not be read.
        UsageError
            If it is being created or deleted.
        """
        sentence = f"the data store {self._id} cannot be read"
        answer = self._call("GetDatastore", sentence, self._client.get_datastore)
        status = answer["datastoreProperties"]["datastoreStatus"]
        if status != "ACTIVE":
            raise UsageError(
                f"the data store {self._id} has the status {status}; wait until it is ACTIVE, or "
                "give another one by --datastore"
            )

    # Import jobs

    def start_job(self, job: JobRequest) -> str:
        """Start an import job and return its ID; a repeated token starts no second job.

        Raises
        ------
        ServiceError
            If the job cannot be started. Its code may be one of :data:`BUSY_CODES`.
        """
        answer = self._call(
            "StartDICOMImportJob",
            "an import job cannot be started",
            self._client.start_dicom_import_job,
            jobName=job.name,
            clientToken=job.token,
            dataAccessRoleArn=job.role_arn,
            inputS3Uri=job.input_uri,
            outputS3Uri=job.output_uri,
        )
        return str(answer["jobId"])

    def find_job(self, name: str) -> Optional[str]:
        """Return the ID of the newest import job with a name that has not failed.

        Jobs are listed for 90 days (page "Understanding import jobs"), longer than a client token
        is certain to be remembered.
        """
        found = [job for job in self.list_jobs() if job["jobName"] == name]
        found = [job for job in found if job["jobStatus"] != "FAILED"]
        newest = max(found, key=lambda job: str(job["submittedAt"]), default=None)
        return str(newest["jobId"]) if newest else None

    def list_jobs(self) -> Iterator[dict[str, Any]]:
        """Yield the summaries of the import jobs of the last 90 days.

        Raises
        ------
        ServiceError
            If they cannot be listed.
        """
        return self._pages(
            "ListDICOMImportJobs",
            "the import jobs cannot be listed",
            self._client.list_dicom_import_jobs,
            "jobSummaries",
        )

    def get_job(self, job_id: str) -> JobState:
        """Return the state of an import job.

        Raises
        ------
        ServiceError
            If it cannot be read.
        """
        sentence = "the state of an import job cannot be read"
        answer = self._call(
            "GetDICOMImportJob", sentence, self._client.get_dicom_import_job, jobId=job_id
        )
        properties = answer["jobProperties"]
        return JobState(str(properties["jobStatus"]), str(properties["outputS3Uri"]))

    # Image sets

    def search(self, key: str, value: str) -> list[FoundImageSet]:
        """Return the image sets that have a value, primary or not.

        Parameters
        ----------
        key : str
            ``DICOMPatientId`` or ``DICOMSeriesInstanceUID``.
        value : str
            Pseudonym or new UID.

        Raises
        ------
        ServiceError
            If the search fails.
        """
        criteria = {"filters": [{"operator": "EQUAL", "values": [{key: value}]}]}
        summaries = self._pages(
            "SearchImageSets",
            "the image sets cannot be searched",
            self._client.search_image_sets,
            "imageSetsMetadataSummaries",
            searchCriteria=criteria,
        )
        return [
            FoundImageSet(str(one["imageSetId"]), int(one.get("version", 1)), one.get("isPrimary"))
            for one in summaries
        ]

    def read_checksums(self, image_set_id: str) -> dict[str, list[int]]:
        """Return the checksums of the frames of each instance of an image set.

        Parameters
        ----------
        image_set_id : str
            ID of the image set.

        Returns
        -------
        dict of str to list of int
            Checksum of each frame at its full resolution, by SOP Instance UID.

        Raises
        ------
        ServiceError
            If the metadata cannot be read.
        JobError
            If their format is unknown.
        """
        sentence = "the metadata of an image set cannot be read"
        for wait in (*_CONFLICT_WAITS_SECONDS, None):
            try:
                answer = self._call(
                    "GetImageSetMetadata",
                    sentence,
                    self._client.get_image_set_metadata,
                    imageSetId=image_set_id,
                )
                break
            except ServiceError as error:
                if error.code != "ConflictException" or wait is None:
                    raise
                self._sleep(wait)
        try:
            return parse_checksums(answer["imageSetMetadataBlob"].read())
        except (OSError, EOFError, KeyError, TypeError, ValueError, IndexError):
            raise JobError(
                "the metadata of an image set have an unknown format; give --frame-checksums off "
                "to import without comparing the frames"
            ) from None

    def count_versions(self, image_set_id: str) -> int:
        """Return the number of versions of an image set.

        Raises
        ------
        ServiceError
            If they cannot be listed.
        """
        versions = self._pages(
            "ListImageSetVersions",
            "the versions of an image set cannot be listed",
            self._client.list_image_set_versions,
            "imageSetPropertiesList",
            imageSetId=image_set_id,
        )
        return sum(1 for _ in versions)

    def delete_image_set(self, image_set_id: str) -> None:
        """Start the deletion of an image set with all its versions.

        Raises
        ------
        ServiceError
            If it cannot be deleted.
        """
        self._call(
            "DeleteImageSet",
            "an image set cannot be deleted",
            self._client.delete_image_set,
            imageSetId=image_set_id,
        )

    def image_set_state(self, image_set_id: str) -> str:
        """Return ``ACTIVE``, ``LOCKED`` or ``DELETED``; also ``DELETED`` if it does not exist.

        Raises
        ------
        ServiceError
            If the state cannot be read.
        """
        try:
            answer = self._call(
                "GetImageSet",
                "the state of an image set cannot be read",
                self._client.get_image_set,
                imageSetId=image_set_id,
            )
        except ServiceError as error:
            if error.code == NOT_FOUND_CODE:
                return "DELETED"
            raise
        return str(answer["imageSetState"])

    def _pages(
        self,
        action: str,
        sentence: str,
        operation: Callable[..., Any],
        key: str,
        **parameters: Any,
    ) -> Iterator[dict[str, Any]]:
        """Yield the entries of all pages; each page is one request within the rate."""
        token: dict[str, str] = {}
        while True:
            answer = self._call(
                action, sentence, operation, maxResults=_PAGE_RESULTS, **parameters, **token
            )
            yield from answer[key]
            if not answer.get("nextToken"):
                return
            token = {"nextToken": answer["nextToken"]}

    def _call(
        self, action: str, sentence: str, operation: Callable[..., Any], **parameters: Any
    ) -> Any:
        bucket = action_bucket(action)
        bucket.take()
        try:
            return operation(datastoreId=self._id, **parameters)
        except Exception as error:
            if not type(error).__module__.startswith("botocore"):
                raise
            code = error_code(error)
            if code in BUSY_CODES:
                bucket.drain()
            advice = "check the arguments and the permissions"
            raise ServiceError(describe_error(sentence, error, advice), code) from None


def parse_checksums(blob: bytes) -> dict[str, list[int]]:
    """Return the checksums of the frames in the metadata of an image set.

    Parameters
    ----------
    blob : bytes
        Metadata in JSON, compressed by gzip.

    Returns
    -------
    dict of str to list of int
        Checksum of each frame at its full resolution, by SOP Instance UID.

    Raises
    ------
    OSError, EOFError, KeyError, TypeError, ValueError or IndexError
        If the format is another one.
    """
    if len(blob) > _METADATA_MAX_BYTES:
        raise ValueError("the metadata are too large")
    metadata = json.loads(gzip.decompress(blob))
    found: dict[str, list[int]] = {}
    for series in metadata["Study"]["Series"].values():
        for uid, instance in series["Instances"].items():
            # The last entry is that of the full resolution.
            found[uid] = [
                int(frame["PixelDataChecksumFromBaseToFullResolution"][-1]["Checksum"])
                for frame in instance.get("ImageFrames") or ()
            ]
    return found
