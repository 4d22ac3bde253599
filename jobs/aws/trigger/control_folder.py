"""Read and write small objects in the control folder on S3.

The folder holds pending events and manifests, whose keys may hold PHI: encrypt it, and delete its
objects by a lifecycle rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Optional

from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.aws.clients import request
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location

#: Objects that one request deletes at most.
_DELETE_KEYS = 1000

_CHECK = "check the bucket and the permissions"


@dataclass(frozen=True)
class ControlObject:
    """An object in the control folder.

    Attributes
    ----------
    name : str
        Name below the folder.
    modified : float
        Time of the last write in seconds since the epoch, by the clock of S3.
    """

    name: str
    modified: float


class ControlFolder:
    """Control folder on S3.

    Parameters
    ----------
    location : Location
        Folder.
    """

    def __init__(self, location: Location):
        self._location = location

    def locate(self, name: str) -> Location:
        """Return the location of an object."""
        return self._location.child(name)

    def write_new(self, name: str, content: bytes) -> bool:
        """Write an object unless it exists, with ``If-None-Match``.

        Parameters
        ----------
        name : str
            Name below the folder.
        content : bytes
            Content.

        Returns
        -------
        bool
            ``True`` if the object was written, ``False`` if it exists.

        Raises
        ------
        JobError
            If the object cannot be written.
        """
        try:
            s3_client.get_client().put_object(**self._address(name), Body=content, IfNoneMatch="*")
        except Exception as error:  # classes of botocore
            if error_code(error) in s3_client.PRECONDITION_FAILED_CODES:
                return False
            raise JobError(
                describe_error("the control folder cannot be written", error, _CHECK)
            ) from None
        return True

    def read(self, name: str) -> bytes:
        """Return the content of an object.

        Raises
        ------
        JobError
            If the object cannot be read.
        """
        answer = request(
            "an object of the control folder cannot be read",
            s3_client.get_client().get_object,
            **self._address(name),
        )
        content: bytes = answer["Body"].read()
        return content

    def find(self, name: str) -> Optional[bytes]:
        """Return the content of an object; ``None`` if it does not exist (any more).

        Raises
        ------
        JobError
            If the object cannot be read.
        """
        if any(found.name == name for found in self._list(name)):
            return self.read(name)
        return None

    def read_all(self, names: Sequence[str]) -> list[bytes]:
        """Return the contents of several objects, in their order.

        Raises
        ------
        JobError
            If an object cannot be read.
        """
        with ThreadPoolExecutor(s3_client.MAX_CONNECTIONS) as threads:
            return list(threads.map(self.read, names))

    def list_folder(self, folder: str) -> Iterator[ControlObject]:
        """Yield the objects below a folder of the control folder.

        Raises
        ------
        JobError
            If the folder cannot be listed.
        """
        return self._list(f"{folder}/")

    def _list(self, prefix: str) -> Iterator[ControlObject]:
        """Yield the objects whose names begin with a prefix."""
        below = self.locate(prefix)
        token: dict[str, str] = {}
        while True:
            page = request(
                "the control folder cannot be listed",
                s3_client.get_client().list_objects_v2,
                Bucket=below.bucket,
                Prefix=below.path,
                **token,
            )
            for entry in page.get("Contents", ()):
                name = entry["Key"][len(below.path) :]
                yield ControlObject(f"{prefix}{name}", entry["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def delete(self, names: Sequence[str]) -> None:
        """Delete objects; a missing object is not an error.

        Raises
        ------
        JobError
            If an object cannot be deleted.
        """
        for begin in range(0, len(names), _DELETE_KEYS):
            keys = [{"Key": self.locate(name).path} for name in names[begin : begin + _DELETE_KEYS]]
            answer = request(
                "the control folder cannot be written",
                s3_client.get_client().delete_objects,
                Bucket=self._location.bucket,
                Delete={"Objects": keys, "Quiet": True},
            )
            if errors := answer.get("Errors"):
                raise JobError(
                    f"{len(errors)} objects of the control folder cannot be deleted "
                    f"({errors[0]['Code']}); {_CHECK}"
                )

    def _address(self, name: str) -> dict[str, str]:
        location = self.locate(name)
        return {"Bucket": location.bucket, "Key": location.path}
