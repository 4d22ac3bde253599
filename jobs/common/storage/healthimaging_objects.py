"""Implement the reading half of the storage interface on AWS HealthImaging.

A source is one instance, and its version is the image set with its version: ``IMAGE-SET@VERSION``.
DICOMweb has no parameter for a version, so an instance counts as read only if the version of its
image set is still the listed one after the read. Frames are read from a pinned version.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock
from typing import NoReturn, Optional

from jobs.common.aws.dicomweb import DicomwebClient, InstancePath, healthimaging_client
from jobs.common.aws.image_set_api import ImageSetMetadata, ImageSetStore
from jobs.common.aws.image_sets import rebuild_instance
from jobs.common.cli.errors import UsageError
from jobs.common.storage.backend import Source, WriteOutcome, changed_source
from jobs.common.storage.healthimaging_uri import FRAMES, HealthImagingUri, parse_healthimaging_uri
from jobs.common.storage.location import Location
from jobs.common.storage.worker_memory import memory_for_one_source

#: Separator of the ID of an image set and its version.
VERSION_SEPARATOR = "@"

#: Metadata documents that a process keeps: instances of one series are read one after another.
_KEPT_METADATA = 2


def image_set_version(image_set: str, version: int) -> str:
    """Return the version of a source.

    Parameters
    ----------
    image_set : str
        ID of the image set.
    version : int
        Version of the image set.
    """
    return f"{image_set}{VERSION_SEPARATOR}{version}"


class HealthImagingObjects:
    """Storage interface on HealthImaging; see :class:`jobs.common.storage.backend.StorageBackend`.

    Instances are listed by :mod:`jobs.common.storage.healthimaging_listing`, and never written:
    imports of HealthImaging do that.
    """

    def list_objects(self, location: Location) -> Iterator[Source]:
        """Raise: sources of HealthImaging are listed as tables."""
        _refuse(location)

    def describe_object(self, location: Location) -> Source:
        """Raise: sources of HealthImaging are listed as tables."""
        _refuse(location)

    def read(
        self, location: Location, version: str | None, begin: int = 0, end: int | None = None
    ) -> bytes:
        """Return the bytes of one instance from ``begin`` up to ``end``; all of it is transferred.

        Parameters
        ----------
        location : Location
            Location of the instance.
        version : str or None
            Version as it was listed; ``None`` for the current one of the primary image set.
        begin, end : int, optional
            Range of bytes, ``end`` excluded (default: all).

        Returns
        -------
        bytes
            Content of the range; fewer bytes if the instance is shorter.

        Raises
        ------
        Refusal
            If the instance is not the given version, or cannot be built from its frames.
        HttpError or botocore.exceptions.ClientError
            If the instance is missing or cannot be read.
        """
        parsed = parse_healthimaging_uri(location.uri)
        image_set, _, number = (version or "").partition(VERSION_SEPARATOR)
        if parsed.retrieve == FRAMES and image_set:
            data = _read_frames(parsed, image_set, int(number))
        else:
            data = _read_by_dicomweb(parsed, image_set, int(number or 0))
        return data[begin:end]

    def write_new(
        self, location: Location, data: bytes, sha256: str, replace: bool, content_type: str
    ) -> WriteOutcome:
        """Raise: instances are imported, not written."""
        del data, sha256, replace, content_type
        _refuse(location)

    def overwrite(self, location: Location, data: bytes) -> None:
        """Raise: instances are imported, not written."""
        del data
        _refuse(location)

    def upload(self, location: Location, path: str) -> None:
        """Raise: instances are imported, not written."""
        del path
        _refuse(location)

    def delete(self, location: Location) -> None:
        """Raise: image sets are deleted by a command of their own."""
        _refuse(location)

    def remove_partial_files(self, folder: Location) -> None:
        """Raise: a run has no output there."""
        _refuse(folder)


def _refuse(location: Location) -> NoReturn:
    del location
    raise UsageError("a data store of HealthImaging can be the --input of a run only")


def _read_by_dicomweb(uri: HealthImagingUri, image_set: str, version: int) -> bytes:
    """Return the file that the service builds; it must be of the version."""
    path = InstancePath(uri.study, uri.series, uri.instance, image_set)
    data = _dicomweb(uri.datastore, uri.region).instance(path, memory_for_one_source())
    if image_set and not _versions(uri.datastore, uri.region).is_current(image_set, version):
        raise changed_source()
    return data


def _read_frames(uri: HealthImagingUri, image_set: str, version: int) -> bytes:
    """Return the file that is built from the metadata of the version and its frames."""
    store = _store(uri.datastore, uri.region)
    metadata = _metadata(uri.datastore, uri.region).get(image_set, version)
    return rebuild_instance(
        metadata, uri.series, uri.instance, lambda frame: store.frame(image_set, frame)
    )


@lru_cache(maxsize=8)
def _dicomweb(datastore: str, region: str) -> DicomwebClient:
    return healthimaging_client(datastore, region or None)


@lru_cache(maxsize=8)
def _store(datastore: str, region: str) -> ImageSetStore:
    return ImageSetStore(datastore, region or None)


@lru_cache(maxsize=8)
def _versions(datastore: str, region: str) -> CurrentVersions:
    return CurrentVersions(_store(datastore, region))


@lru_cache(maxsize=8)
def _metadata(datastore: str, region: str) -> MetadataCache:
    return MetadataCache(_store(datastore, region))


def forget_clients() -> None:
    """Create new clients at the next read, with the current environment."""
    for cached in (_dicomweb, _store, _versions, _metadata):
        cached.cache_clear()


class CurrentVersions:
    """Compare versions of image sets with the current ones.

    ``GetImageSet`` has half the rate of ``GetDICOMInstance``. Threads that have read instances of
    one image set share a request, if it was sent after all of them had read. That is often so:
    they read while the first of them waits for the rate.

    Parameters
    ----------
    store : ImageSetStore
        Data store of the image sets.
    """

    def __init__(self, store: ImageSetStore):
        self._store = store
        self._lock = Lock()
        self._checked: dict[str, tuple[float, int]] = {}

    def is_current(self, image_set: str, version: int) -> bool:
        """Return whether a version is the current one at or after the time of the call.

        Parameters
        ----------
        image_set : str
            ID of the image set.
        version : int
            Version of the image set.
        """
        called = time.monotonic()
        with self._lock:
            sent, current = self._checked.get(image_set, (0.0, 0))
            if sent < called:
                moments: list[float] = []
                current = self._store.current_version(
                    image_set, lambda: moments.append(time.monotonic())
                )
                self._checked = {image_set: (moments[0], current)}
        return current == version


class MetadataCache:
    """Keep the metadata of the image sets that were read last.

    Parameters
    ----------
    store : ImageSetStore
        Data store of the image sets.
    """

    def __init__(self, store: ImageSetStore):
        self._store = store
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, int], ImageSetMetadata] = OrderedDict()

    def get(self, image_set: str, version: int) -> ImageSetMetadata:
        """Return the metadata of a version; threads that want the same one wait for one request.

        Parameters
        ----------
        image_set : str
            ID of the image set.
        version : int
            Version of the image set.
        """
        with self._lock:
            found: Optional[ImageSetMetadata] = self._kept.get((image_set, version))
            if found is None:
                found = self._store.metadata(image_set, version)
                self._kept[image_set, version] = found
                if len(self._kept) > _KEPT_METADATA:
                    self._kept.popitem(last=False)
        return found
