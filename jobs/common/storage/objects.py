"""Read and write objects by URI, on whichever storage they are."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import add_advice, advise
from jobs.common.cli.errors import UsageError
from jobs.common.storage.backend import StorageBackend, WriteOutcome
from jobs.common.storage.healthimaging_objects import HealthImagingObjects
from jobs.common.storage.local_files import LocalFiles
from jobs.common.storage.location import Location, parse_source_uri, parse_uri
from jobs.common.storage.s3_objects import S3Objects
from safelight.records import Reason, Refusal

#: Bytes of an object that :func:`read_parts` reads at one time.
PART_BYTES = 8 * 2**20

_LOCAL_FILES = LocalFiles()
_S3_OBJECTS = S3Objects()
_HEALTHIMAGING_OBJECTS = HealthImagingObjects()


def backend_of(location: Location) -> StorageBackend:
    """Return the storage of a location."""
    if location.on_healthimaging:
        return _HEALTHIMAGING_OBJECTS
    return _S3_OBJECTS if location.on_s3 else _LOCAL_FILES


def read_object(uri: str, version: str | None, begin: int = 0, end: int | None = None) -> bytes:
    """Return the bytes of one object, of exactly the listed version.

    Parameters
    ----------
    uri : str
        Location of the object.
    version : str or None
        Version as it was listed; ``None`` for an object whose checksum the caller knows.
    begin, end : int, optional
        Range of bytes (default: all).

    Raises
    ------
    Refusal
        ``UNREADABLE_SOURCE`` if the object is missing, forbidden or another version.
    """
    location = parse_source_uri(uri)
    if end is not None and end <= begin:
        return b""
    try:
        return backend_of(location).read(location, version, begin, end)
    except OSError as error:
        code = type(error).__name__
    except Refusal:
        raise
    except Exception as error:  # classes of botocore; the code is reported, never the key
        code = error_code(error)
    advice = advise(code) or "the next run reads it again"
    raise Refusal(Reason.UNREADABLE_SOURCE, f"the source cannot be read ({code}); {advice}")


def read_parts(uri: str) -> Iterator[bytes]:
    """Yield the bytes of one object in parts, all of one version, so that it may be of any size.

    Parameters
    ----------
    uri : str
        Location of the object.

    Yields
    ------
    bytes
        At most :data:`PART_BYTES` bytes.

    Raises
    ------
    Refusal
        ``UNREADABLE_SOURCE`` if the object is missing, forbidden or changed meanwhile.
    JobError
        If the bucket cannot be read.
    """
    location = parse_source_uri(uri)
    source = backend_of(location).describe_object(location)
    if not source.version:
        raise Refusal(Reason.UNREADABLE_SOURCE, "the object is missing; restore it")
    for begin in range(0, source.size, PART_BYTES):
        yield read_object(uri, source.version, begin, begin + PART_BYTES)


def write_object(
    uri: str,
    data: bytes,
    sha256: str,
    replace: bool = False,
    content_type: str = "application/dicom",
) -> WriteOutcome:
    """Write an object if it does not exist.

    Parameters
    ----------
    uri : str
        Location of the object.
    data : bytes
        Content of the object.
    sha256 : str
        Hexadecimal digest of ``data``.
    replace : bool
        Replace an existing object. Only for an object that no table row refers to.
    content_type : str
        Media type, stored with objects on S3.

    Returns
    -------
    WriteOutcome
        ``SAME`` if the object exists with the same bytes, ``CONFLICT`` if with others.
    """
    location = parse_uri(uri)
    return backend_of(location).write_new(location, data, sha256, replace, content_type)


def delete_object(uri: str) -> None:
    """Delete an output that no table row refers to; a missing one is ignored."""
    location = parse_uri(uri)
    backend_of(location).delete(location)


def remove_partial_files(folder: Location) -> None:
    """Remove what a killed process left half written below a folder."""
    backend_of(folder).remove_partial_files(folder)


def write_text(location: Location, text: str) -> None:
    """Write a small text file, whether it exists or not.

    Parameters
    ----------
    location : Location
        Location of the file.
    text : str
        Content, written in UTF-8.

    Raises
    ------
    OSError or botocore.exceptions.ClientError
        If the file cannot be written.
    """
    backend_of(location).overwrite(location, text.encode("utf-8"))


def write_file(location: Location, path: str) -> None:
    """Write the content of a local file, whether the location exists or not.

    The content may be larger than the memory.

    Parameters
    ----------
    location : Location
        Location of the file to write.
    path : str
        Path of the local file.

    Raises
    ------
    OSError or botocore.exceptions.ClientError
        If the file cannot be written.
    """
    backend_of(location).upload(location, path)


def read_bytes(uri: str) -> bytes:
    """Return the content of a small file.

    Raises
    ------
    UsageError
        If the file cannot be read.
    """
    location = parse_uri(uri)
    try:
        return backend_of(location).read(location, None)
    except Exception as error:  # OSError or a class of botocore
        code = error_code(error)
        raise UsageError(add_advice(f"{uri} cannot be read", code)) from None


def read_text(uri: str) -> str:
    """Return the content of a small text file in UTF-8.

    Raises
    ------
    UsageError
        If the file cannot be read.
    """
    try:
        return read_bytes(uri).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(add_advice(f"{uri} cannot be read", error_code(error))) from None
