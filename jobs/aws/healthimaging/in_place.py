"""Find folders of outputs that an import job may read where they are, without a copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from jobs.aws.healthimaging.chunks import IN_PLACE, Chunk, ChunkLimits
from jobs.aws.healthimaging.import_items import ImportItem, count_bytes
from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import backend_of


def split_in_place(
    items: Sequence[ImportItem], datastore_id: str, limits: ChunkLimits
) -> tuple[list[Chunk], list[ImportItem]]:
    """Return a chunk for each folder that holds nothing else, and the objects left to copy.

    The folder of all objects is one chunk if it is within the limits, otherwise the folder of each
    study is one.

    Parameters
    ----------
    items : sequence of ImportItem
        Objects in the order of their UIDs.
    datastore_id : str
        ID of the data store.
    limits : ChunkLimits
        Limits of a chunk.

    Raises
    ------
    JobError
        If a folder cannot be listed.
    """
    whole = _find_folder(items, 3, limits) if items else None
    if whole is not None:
        return [Chunk(datastore_id, IN_PLACE, tuple(items), whole.uri)], []
    chunks: list[Chunk] = []
    copied: list[ImportItem] = []
    for _, group in groupby(items, key=lambda item: item.study_uid):
        study = list(group)
        folder = _find_folder(study, 2, limits)
        if folder is None:
            copied += study
        else:
            chunks.append(Chunk(datastore_id, IN_PLACE, tuple(study), folder.uri))
    return chunks, copied


def _find_folder(items: Sequence[ImportItem], levels: int, limits: ChunkLimits) -> Location | None:
    """Return the folder some levels above the objects if it holds exactly these objects."""
    if len(items) > limits.files or count_bytes(items) > limits.bytes:
        return None
    folders = {item.uri.rsplit("/", levels)[0] for item in items}
    if len(folders) != 1:
        return None
    folder = parse_uri(folders.pop() + "/")
    if not folder.on_s3 or not folder.path:
        return None
    return folder if _list_names(folder, limits.files) == {item.uri for item in items} else None


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
