"""List the instances of a data store of AWS HealthImaging.

Image sets are searched rather than studies: only this search finds image sets that are not
primary, has the versions, and pages by a token, so that a store that grows meanwhile hides no
image set. The instances of a primary image set are searched by QIDO-RS. To read its metadata would
count as access, and a nightly listing would keep the whole store out of the archive tier (page
"Cost Optimization" of the developer guide). Image sets that are not primary have no other way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import NamedTuple, Optional
from urllib.parse import quote

from jobs.common.aws.client_errors import describe_error
from jobs.common.aws.dicomweb import (
    SERIES_UID,
    SOP_UID,
    STUDY_UID,
    DicomwebClient,
    JsonDataset,
    first_value,
    healthimaging_client,
)
from jobs.common.aws.image_set_api import (
    ImageSet,
    ImageSetFilter,
    ImageSetStore,
    StoredInstance,
    list_instances,
)
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage.healthimaging_objects import image_set_version
from jobs.common.storage.healthimaging_uri import HealthImagingUri, parse_healthimaging_uri
from jobs.common.storage.location import Location

#: Metadata documents that are requested at one time.
PARALLEL_REQUESTS = 8

#: Bytes that the header of an instance is assumed to have, for the distribution of work.
_HEADER_BYTES = 4096

#: Attributes from which the size of the decoded frames follows: Samples per Pixel, Number of
#: Frames, Rows, Columns and Bits Allocated.
_SAMPLES, _FRAMES, _ROWS, _COLUMNS, _BITS = (
    "00280002",
    "00280008",
    "00280010",
    "00280011",
    "00280100",
)
_SIZE_QUERY = [("includefield", tag) for tag in (_SAMPLES, _FRAMES, _ROWS, _COLUMNS, _BITS)]


class ListedInstance(NamedTuple):
    """An instance as a source. HOLDS PHI: the URI.

    Attributes
    ----------
    uri : str
        Canonical URI.
    size : int
        Estimated bytes.
    version : str
        Image set and its version.
    modified : float or None
        Time of the last update of the image set, in seconds since the epoch.
    """

    uri: str
    size: int
    version: str
    modified: Optional[float]


def list_datastore(location: Location, since: Optional[float] = None) -> Iterator[ListedInstance]:
    """Yield the instances that a location names.

    Parameters
    ----------
    location : Location
        Data store, study or series.
    since : float, optional
        Oldest update of an image set, in seconds since the epoch. The service leaves out older
        ones, so that they are not counted.

    Raises
    ------
    JobError
        If the data store cannot be read.
    UsageError
        If no region is configured.
    """
    wanted = parse_healthimaging_uri(location.uri)
    store = ImageSetStore(wanted.datastore, wanted.region or None)
    wanted = replace(wanted, region=store.region)
    reader = _InstanceReader(store, healthimaging_client(wanted.datastore, wanted.region))
    try:
        found = reader.find_image_sets(wanted, since)
        for image_set, instances in reader.read_all(found):
            for instance in instances:
                if wanted.instance in ("", instance.instance):
                    yield _to_source(wanted, image_set, instance)
    except (JobError, UsageError):
        raise
    except Exception as error:  # classes of botocore and of this package
        sentence = f"the data store {wanted.datastore} in {store.region} cannot be listed"
        advice = "check its ID, its region and the permissions"
        raise JobError(describe_error(sentence, error, advice)) from None


class _InstanceReader:
    """Read the image sets of a data store, and their instances.

    Parameters
    ----------
    store : ImageSetStore
        Image sets of the data store.
    client : DicomwebClient
        DICOMweb of the data store.
    """

    def __init__(self, store: ImageSetStore, client: DicomwebClient):
        self._store = store
        self._client = client

    def find_image_sets(
        self, wanted: HealthImagingUri, since: Optional[float]
    ) -> Iterator[ImageSet]:
        """Yield the image sets of an input, each once."""
        if not wanted.matching:
            yield from self._store.search(ImageSetFilter(wanted.study, wanted.series, since))
            return
        seen = set()
        resource = f"studies/{quote(wanted.study, safe='')}/series" if wanted.study else "series"
        for found in self._client.search(resource, wanted.matching):
            study = wanted.study or first_value(found, STUDY_UID)
            series = first_value(found, SERIES_UID)
            if (study, series) in seen or wanted.series not in ("", series):
                continue
            seen.add((study, series))
            for image_set in self._store.search(ImageSetFilter(study, series, since)):
                if image_set.is_primary:
                    yield image_set

    def read_all(
        self, image_sets: Iterable[ImageSet]
    ) -> Iterator[tuple[ImageSet, list[StoredInstance]]]:
        """Yield image sets with their instances, in their order; some are requested ahead."""
        waiting: deque[tuple[ImageSet, Future[list[StoredInstance]]]] = deque()
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            for image_set in image_sets:
                waiting.append((image_set, pool.submit(partial(self._read, image_set))))
                if len(waiting) > 2 * PARALLEL_REQUESTS:
                    first, future = waiting.popleft()
                    yield first, future.result()
            for first, future in waiting:
                yield first, future.result()

    def _read(self, image_set: ImageSet) -> list[StoredInstance]:
        found = self._search_instances(image_set)
        if not found:  # an image set has instances, so that none may be lost here
            metadata = self._store.metadata(image_set.id, image_set.version)
            return list(list_instances(metadata))
        return found

    def _search_instances(self, image_set: ImageSet) -> list[StoredInstance]:
        """Return the instances of a primary image set; none of another one."""
        if not (image_set.is_primary and image_set.study and image_set.series):
            return []
        study, series = (quote(uid, safe="") for uid in (image_set.study, image_set.series))
        found = self._client.search(f"studies/{study}/series/{series}/instances", _SIZE_QUERY)
        by_uid = {first_value(entry, SOP_UID): _decoded_bytes(entry) for entry in found}
        return [
            StoredInstance(image_set.study, image_set.series, uid, size)
            for uid, size in by_uid.items()
        ]


def _decoded_bytes(found: JsonDataset) -> int:
    """Return the bytes of the decoded frames of an instance; 0 without pixels."""
    try:
        samples, frames = (int(first_value(found, tag) or 1) for tag in (_SAMPLES, _FRAMES))
        rows, columns, bits = (
            int(first_value(found, tag) or 0) for tag in (_ROWS, _COLUMNS, _BITS)
        )
    except ValueError:
        return 0
    return samples * frames * rows * columns * bits // 8


def _to_source(
    wanted: HealthImagingUri, image_set: ImageSet, instance: StoredInstance
) -> ListedInstance:
    source = HealthImagingUri(
        wanted.datastore,
        instance.study,
        instance.series,
        instance.instance,
        wanted.region,
        wanted.retrieve,
        "" if image_set.is_primary else image_set.id,
    )
    version = image_set_version(image_set.id, image_set.version)
    size = _HEADER_BYTES + instance.frame_bytes
    return ListedInstance(source.uri, size, version, image_set.updated)
