"""Find folders of outputs that an import job may read where they are, without a copy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from jobs.aws.healthimaging.imports.chunks import IN_PLACE, Chunk, ChunkLimits
from jobs.aws.healthimaging.imports.items import ImportItem, count_bytes
from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import backend_of


def find_in_place(
    items: Iterable[ImportItem], datastore_id: str, limits: ChunkLimits
) -> Iterator[Chunk]:
    """Yield a chunk for each folder that holds nothing else; other objects have to be copied.

    The folder of all objects is one chunk if it is within the limits, otherwise the folder of each
    study is one.

    Parameters
    ----------
    items : iterable of ImportItem
        Objects in the order of their UIDs. It is iterated twice; objects of chunks may be removed
        meanwhile.
    datastore_id : str
        ID of the data store.
    limits : ChunkLimits
        Limits of a chunk.

    Raises
    ------
    JobError
        If a folder cannot be listed.
    """
    whole = _find_chunk(items, 3, datastore_id, limits)
    if whole is not None:
        yield whole
        return
    for _, study in groupby(items, key=lambda item: item.study_uid):
        chunk = _find_chunk(study, 2, datastore_id, limits)
        if chunk is not None:
            yield chunk


def _find_chunk(
    items: Iterable[ImportItem], levels: int, datastore_id: str, limits: ChunkLimits
) -> Chunk | None:
    """Return the chunk of the folder some levels above objects if it holds exactly these."""
    within = tuple(islice(items, limits.files + 1))
    if len(within) > limits.files or count_bytes(within) > limits.bytes:
        return None
    folders = {item.uri.rsplit("/", levels)[0] for item in within}
    if len(folders) != 1:
        return None
    folder = parse_uri(folders.pop() + "/")
    if not folder.on_s3 or not folder.path:
        return None
    if _list_names(folder, limits.files) != {item.uri for item in within}:
        return None
    return Chunk(datastore_id, IN_PLACE, within, folder.uri)


def _list_names(folder: Location, most: int) -> set[str]:
    """Return the URIs of the objects below a folder; a few too many if there are more."""
    try:
        return set(_take(backend_of(folder).list_objects(folder), most + 1))
    except JobError:
        raise
    except Exception as error:  # classes of botocore
        code = error_code(error)
        raise JobError(
            f"a folder of the output cannot be listed ({code}); "
            + (advise(code) or "check its permissions, or omit --in-place")
        ) from None


def _take(sources: Iterable[object], most: int) -> Iterable[str]:
    for number, source in enumerate(sources):
        if number == most:
            return
        yield str(getattr(source, "uri"))  # noqa: B009
