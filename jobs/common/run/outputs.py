"""Write outputs in a worker."""

from __future__ import annotations

import errno
import hashlib
from dataclasses import dataclass

from jobs.common.aws.client_errors import error_code
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import Location
from jobs.common.storage.objects import write_object


class OutputError(Exception):
    """Raised if the output cannot be written; holds the error code, never the path."""

    @classmethod
    def of(cls, error: Exception) -> OutputError:
        """Return the error for an exception of the operating system or of botocore."""
        code = errno.errorcode.get(getattr(error, "errno", None) or 0)
        return cls(code or error_code(error))


@dataclass(frozen=True)
class StoredOutput:
    """An output that was written, or that found other content at its location.

    Attributes
    ----------
    uri : str
    size : int
        Bytes.
    sha256 : str
        Hexadecimal digest of the content.
    written : WriteOutcome
        What the conditional write found.
    """

    uri: str
    size: int
    sha256: str
    written: WriteOutcome


def store_output(
    location: Location, data: bytes, *, replace: bool, content_type: str = "application/dicom"
) -> StoredOutput:
    """Write one output.

    Parameters
    ----------
    location : Location
    data : bytes
    replace : bool
        Replace an existing object: only for one that no row of the tables refers to.
    content_type : str

    Raises
    ------
    OutputError
        If the output cannot be written. The run then fails, since every object would.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    uri = location.uri
    try:
        written = write_object(uri, data, sha256, replace, content_type)
    except Exception as error:  # OSError or a class of botocore: both hold the path
        raise OutputError.of(error) from None
    return StoredOutput(uri, len(data), sha256, written)
