"""Read image sets of AWS HealthImaging: search, current version, metadata and frames.

An image set has the instances of one series that agree in their metadata. It has versions; the ID
and the version together name content that never changes.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from jobs.common.aws.clients import get_client
from jobs.common.aws.healthimaging_rates import action_bucket

#: Image sets of one page, at most (model of the API).
PAGE_IMAGE_SETS = 50

#: Bytes of one metadata document; AWS allows 50 MB ("AWS HealthImaging endpoints and quotas").
METADATA_MAX_BYTES = 1 << 30

#: Waits for the metadata of a large image set, which the service processes after its import (page
#: "Getting image set metadata").
CONFLICT_WAITS_SECONDS = (1.0, 4.0, 10.0)

#: Waits before a request whose answer broke off is sent again.
BODY_WAITS_SECONDS = (0.2, 0.8, 3.2)

#: Metadata of an image set, as JSON. HOLDS PHI.
ImageSetMetadata = Mapping[str, Any]


class ImageSetError(Exception):
    """Raised if an answer of HealthImaging is not as documented; holds nothing of it."""


@dataclass(frozen=True)
class ImageSet:
    """One version of an image set. HOLDS PHI: the UIDs.

    Attributes
    ----------
    id : str
        ID of the image set.
    version : int
        Version that is described.
    is_primary : bool
        Whether DICOMweb reads it without its ID.
    study, series : str
        UIDs.
    updated : float or None
        Time of the last update, in seconds since the epoch.
    """

    id: str
    version: int
    is_primary: bool
    study: str = field(repr=False)
    series: str = field(repr=False)
    updated: Optional[float] = None


@dataclass(frozen=True)
class ImageSetFilter:
    """Image sets to find.

    Attributes
    ----------
    study, series : str
        UIDs; empty for all. Of both, the service searches for the series.
    since : float or None
        Oldest update, in seconds since the epoch.
    """

    study: str = field(default="", repr=False)
    series: str = field(default="", repr=False)
    since: Optional[float] = None

    def to_request(self) -> list[dict[str, Any]]:
        """Return the filters of a request: the API allows two."""
        filters: list[dict[str, Any]] = []
        key = "DICOMSeriesInstanceUID" if self.series else "DICOMStudyInstanceUID"
        if uid := self.series or self.study:
            filters.append({"values": [{key: uid}], "operator": "EQUAL"})
        if self.since is not None:
            begin = datetime.fromtimestamp(int(self.since), timezone.utc)
            end = datetime.now(timezone.utc) + timedelta(days=1)
            values = [{"updatedAt": begin}, {"updatedAt": end}]
            filters.append({"values": values, "operator": "BETWEEN"})
        return filters


class ImageSetStore:
    """Read the image sets of one data store.

    Parameters
    ----------
    datastore : str
        ID of the data store.
    region : str, optional
        Region (default: that of the environment or the configuration file).

    Raises
    ------
    UsageError
        If no region is configured.
    """

    def __init__(self, datastore: str, region: Optional[str] = None):
        self.datastore = datastore
        self._client = get_client("medical-imaging", region)

    @property
    def region(self) -> str:
        """Return the region of the data store."""
        return str(self._client.meta.region_name)

    def search(self, wanted: ImageSetFilter) -> Iterator[ImageSet]:
        """Yield the current versions of image sets, primary ones and others.

        Raises
        ------
        botocore.exceptions.BotoCoreError or ClientError
            If a request fails.
        """
        criteria = {"searchCriteria": {"filters": filters}} if (
            filters := wanted.to_request()
        ) else {}  # fmt: skip
        token: dict[str, str] = {}
        while True:
            action_bucket("SearchImageSets").take()
            page = self._client.search_image_sets(
                datastoreId=self.datastore, maxResults=PAGE_IMAGE_SETS, **criteria, **token
            )
            for found in page["imageSetsMetadataSummaries"]:
                image_set = _read_summary(found)
                if not wanted.study or image_set.study == wanted.study:
                    yield image_set
            if not page.get("nextToken"):
                return
            token = {"nextToken": page["nextToken"]}

    def current_version(
        self, image_set: str, before_sending: Callable[[], None] = lambda: None
    ) -> int:
        """Return the current version of an image set; 0 if it is deleted.

        Parameters
        ----------
        image_set : str
            ID of the image set.
        before_sending : callable, optional
            Called once the rate admits the request.

        Raises
        ------
        botocore.exceptions.BotoCoreError or ClientError
            If the request fails.
        """
        action_bucket("GetImageSet").take()
        before_sending()
        found = self._client.get_image_set(datastoreId=self.datastore, imageSetId=image_set)
        return 0 if found["imageSetState"] == "DELETED" else int(found["versionId"])

    def metadata(self, image_set: str, version: int) -> ImageSetMetadata:
        """Return the metadata of one version of an image set.

        Parameters
        ----------
        image_set : str
            ID of the image set.
        version : int
            Version of the image set.

        Raises
        ------
        botocore.exceptions.BotoCoreError or ClientError
            If the request fails.
        ImageSetError
            If the answer is not a JSON object, or too large.
        """
        for wait in (*CONFLICT_WAITS_SECONDS, None):
            try:
                data = self._download(
                    "GetImageSetMetadata",
                    "imageSetMetadataBlob",
                    self._client.get_image_set_metadata,
                    imageSetId=image_set,
                    versionId=str(version),
                )
                return _parse_metadata(data)
            except self._client.exceptions.ConflictException:
                if wait is None:
                    raise
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def frame(self, image_set: str, frame: str) -> bytes:
        """Return a frame as it is stored.

        Parameters
        ----------
        image_set : str
            ID of the image set.
        frame : str
            ID of the frame.

        Raises
        ------
        botocore.exceptions.BotoCoreError or ClientError
            If the request fails.
        """
        return self._download(
            "GetImageFrame",
            "imageFrameBlob",
            self._client.get_image_frame,
            imageSetId=image_set,
            imageFrameInformation={"imageFrameId": frame},
        )

    def _download(
        self, action: str, member: str, operation: Callable[..., Any], **parameters: Any
    ) -> bytes:
        """Return the body of an answer; request it again if the connection breaks in the body.

        botocore repeats a request until it has the head of the answer, but not what follows.

        Parameters
        ----------
        action : str
            Name of the action, for its rate.
        member : str
            Member of the answer that has the body.
        operation : callable
            Method of the client.
        **parameters : object
            Parameters of the operation without the data store.
        """
        from botocore.exceptions import HTTPClientError, IncompleteReadError

        for wait in (*BODY_WAITS_SECONDS, None):
            action_bucket(action).take()
            answer = operation(datastoreId=self.datastore, **parameters)
            try:
                return bytes(answer[member].read())
            except (HTTPClientError, IncompleteReadError):
                if wait is None:
                    raise
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")


def _read_summary(found: Mapping[str, Any]) -> ImageSet:
    tags = found.get("DICOMTags", {})
    updated = found.get("updatedAt")
    return ImageSet(
        id=str(found["imageSetId"]),
        version=int(found.get("version", 1)),
        is_primary=bool(found.get("isPrimary")),
        study=str(tags.get("DICOMStudyInstanceUID", "")),
        series=str(tags.get("DICOMSeriesInstanceUID", "")),
        updated=updated.timestamp() if updated is not None else None,
    )


def _parse_metadata(data: bytes) -> ImageSetMetadata:
    """Return the JSON object of a document, which is compressed with gzip."""
    try:
        if data[:2] == b"\x1f\x8b":
            data = _inflate(data)
        found = json.loads(data)
    except (ValueError, EOFError, gzip.BadGzipFile, zlib.error):
        raise ImageSetError from None
    if not isinstance(found, Mapping):
        raise ImageSetError
    return found


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    content = inflater.decompress(data, METADATA_MAX_BYTES)
    if not inflater.eof:
        raise ImageSetError
    return content


@dataclass(frozen=True)
class StoredInstance:
    """An instance in the metadata of an image set. HOLDS PHI: the UIDs.

    Attributes
    ----------
    study, series, instance : str
        UIDs.
    frame_bytes : int
        Sum of the sizes of its frames. Of frames that the service has compressed, the size is that
        of the decoded frame ("AWS HealthImaging pixel data verification").
    """

    study: str = field(repr=False)
    series: str = field(repr=False)
    instance: str = field(repr=False)
    frame_bytes: int


def list_instances(metadata: ImageSetMetadata) -> Sequence[StoredInstance]:
    """Return the instances that the metadata of an image set names.

    Raises
    ------
    ImageSetError
        If the metadata is not as documented.
    """
    try:
        study = metadata["Study"]
        study_uid = str(study["DICOM"]["StudyInstanceUID"])
        return [
            StoredInstance(
                study_uid,
                str(series_uid),
                str(uid),
                sum(int(frame.get("FrameSizeInBytes") or 0)
                    for frame in instance.get("ImageFrames") or ()),
            )
            for series_uid, series in study["Series"].items()
            for uid, instance in series["Instances"].items()
        ]  # fmt: skip
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ImageSetError from None
