"""Keep the chunks that are being imported, so that a killed import is resumed.

The state of each chunk is one object below the staging folder. It holds URIs and UIDs of
de-identified objects only. The state is removed after the rows of the chunk are in ``imports``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from jobs.aws.healthimaging.imports.chunks import Chunk, chunk_from_json, encode_json
from jobs.aws.healthimaging.imports.staging import CheckedItem
from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError
from jobs.common.storage.location import Location
from jobs.common.storage.objects import backend_of, delete_object, read_text, write_text

_FORMAT = 1
_SUFFIX = ".json"


@dataclass
class ChunkState:
    """A chunk and how far its import is.

    Attributes
    ----------
    chunk : Chunk
        Objects of the chunk.
    checked : list of CheckedItem or None
        Result of the check of each object, in the order of the chunk; ``None`` before it.
    job_id : str
        ID of the import job; empty before it is started.
    is_sending : bool
        True once a request of STOW-RS may have been sent.
    """

    chunk: Chunk
    checked: Optional[list[CheckedItem]] = field(default=None, repr=False)
    job_id: str = ""
    is_sending: bool = False

    @property
    def accepted(self) -> list[CheckedItem]:
        """Objects that the check has accepted."""
        return [one for one in self.checked or () if not one.refusal]


class ChunkStore:
    """The states of all chunks of a data store, below a staging folder.

    Parameters
    ----------
    staging : Location
        Folder for files of imports that are not complete.
    datastore_id : str
        ID of the data store.
    """

    def __init__(self, staging: Location, datastore_id: str):
        self._root = staging.child(datastore_id)

    @property
    def output_folder(self) -> Location:
        """Folder in which the service writes the results of each job."""
        return self._root.child("results")

    def input_folder(self, chunk: Chunk) -> Location:
        """Return the folder of the files of a chunk."""
        return self._root.child("input").child(chunk.token)

    def save(self, state: ChunkState) -> None:
        """Write the state of a chunk.

        Raises
        ------
        JobError
            If it cannot be written.
        """
        content: dict[str, Any] = {
            "format": _FORMAT,
            "chunk": state.chunk.to_json(),
            "checked": _encode_checked(state.checked),
            "job_id": state.job_id,
            "is_sending": state.is_sending,
        }
        try:
            write_text(self._state_location(state.chunk.token), encode_json(content))
        except Exception as error:  # OSError, or classes of botocore
            raise _staging_error("written", error) from None

    def read(self, token: str) -> ChunkState:
        """Return the state of a chunk.

        Raises
        ------
        JobError
            If the state cannot be read.
        """
        return _decode_state(read_text(self._state_location(token).uri))

    def list_tokens(self) -> list[str]:
        """Return the tokens of all chunks whose import is not recorded, sorted.

        Raises
        ------
        JobError
            If the folder cannot be listed.
        """
        folder = self._root.child("chunks")
        try:
            uris = [source.uri for source in backend_of(folder).list_objects(folder)]
        except FileNotFoundError:
            return []
        except JobError:
            raise
        except Exception as error:  # OSError, or classes of botocore
            raise _staging_error("listed", error) from None
        names = (uri.rpartition("/")[2] for uri in uris)
        return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))

    def list_ended_jobs(self) -> frozenset[str]:
        """Return the IDs of the jobs that events have reported as ended.

        There are none if they cannot be listed: jobs are polled as well. The function
        :func:`jobs.aws.healthimaging.imports.events.handle` writes their objects.
        """
        folder = self._root.child("events")
        try:
            sources = backend_of(folder).list_objects(folder)
            return frozenset(source.uri.rpartition("/")[2] for source in sources)
        except Exception:  # OSError, or classes of botocore
            return frozenset()

    def remove(self, state: ChunkState) -> None:
        """Remove the state of a chunk, after the files of its input.

        Raises
        ------
        JobError
            If they cannot be removed.
        """
        folder = self.input_folder(state.chunk)
        try:
            if not state.chunk.input_uri:
                for item in state.chunk.items:
                    delete_object(folder.child(item.file_name).uri)
            delete_object(self._state_location(state.chunk.token).uri)
        except Exception as error:  # OSError, or classes of botocore
            raise _staging_error("emptied", error) from None

    def _state_location(self, token: str) -> Location:
        return self._root.child("chunks").child(token + _SUFFIX)


def _encode_checked(checked: Optional[Sequence[CheckedItem]]) -> Optional[list[Any]]:
    if checked is None:
        return None
    return [
        [one.refusal, None if one.checksums is None else [sorted(sums) for sums in one.checksums]]
        for one in checked
    ]


def _decode_state(text: str) -> ChunkState:
    try:
        content = json.loads(text)
        if content["format"] != _FORMAT:
            raise ValueError("another format")
        chunk = chunk_from_json(content["chunk"])
        checked = None
        if content["checked"] is not None:
            checked = [
                CheckedItem(item, refusal, None if sums is None else [*map(frozenset, sums)])
                for item, (refusal, sums) in zip(chunk.items, content["checked"], strict=True)
            ]
        return ChunkState(chunk, checked, content["job_id"], content["is_sending"])
    except (KeyError, TypeError, ValueError):
        raise JobError(
            "the staging folder holds an unknown state of an import; resume it with the version "
            "of this software that began it, or give another folder by --staging"
        ) from None


def _staging_error(what: str, error: Exception) -> JobError:
    code = error_code(error)
    advice = advise(code) or "check --staging and its permissions"
    return JobError(f"the staging folder cannot be {what} ({code}); {advice}")
