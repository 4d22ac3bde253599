"""List the instances of a data store of AWS HealthImaging.

Image sets are searched rather than studies: only this search finds image sets that are not
primary, has the versions, and pages by a token, so that a store that grows meanwhile hides no
image set. Matching keys of an input are searched by QIDO-RS, which selects series.
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
    STUDY_UID,
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
        If there is no region.
    """
    wanted = parse_healthimaging_uri(location.uri)
    store = ImageSetStore(wanted.datastore, wanted.region or None)
    wanted = replace(wanted, region=store.region)
    try:
        for image_set, instances in _read_image_sets(store, _find_image_sets(store, wanted, since)):
            for instance in instances:
                if wanted.instance in ("", instance.instance):
                    yield _to_source(wanted, image_set, instance)
    except (JobError, UsageError):
        raise
    except Exception as error:  # classes of botocore and of this package
        sentence = f"the data store {wanted.datastore} in {store.region} cannot be listed"
        advice = "check its ID, its region and the permissions"
        raise JobError(describe_error(sentence, error, advice)) from None


def _find_image_sets(
    store: ImageSetStore, wanted: HealthImagingUri, since: Optional[float]
) -> Iterator[ImageSet]:
    """Yield the image sets of an input, each once."""
    if not wanted.matching:
        yield from store.search(ImageSetFilter(wanted.study, wanted.series, since))
        return
    client = healthimaging_client(wanted.datastore, wanted.region)
    resource = "series"
    if wanted.study:
        resource = f"studies/{quote(wanted.study, safe='')}/series"
    seen = set()
    for found in client.search(resource, wanted.matching):
        study = wanted.study or first_value(found, STUDY_UID)
        series = first_value(found, SERIES_UID)
        if (study, series) in seen or wanted.series not in ("", series):
            continue
        seen.add((study, series))
        yield from store.search(ImageSetFilter(study, series, since))


def _read_image_sets(
    store: ImageSetStore, image_sets: Iterable[ImageSet]
) -> Iterator[tuple[ImageSet, list[StoredInstance]]]:
    """Yield image sets with their instances, in their order; some are requested ahead."""
    waiting: deque[tuple[ImageSet, Future[list[StoredInstance]]]] = deque()
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        for image_set in image_sets:
            waiting.append((image_set, pool.submit(partial(_read_instances, store, image_set))))
            if len(waiting) > 2 * PARALLEL_REQUESTS:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()


def _read_instances(store: ImageSetStore, image_set: ImageSet) -> list[StoredInstance]:
    return list(list_instances(store.metadata(image_set.id, image_set.version)))


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
