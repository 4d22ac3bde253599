"""Bytes of a source in; bytes of an output out, once and never over something else."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from enum import Enum
from pathlib import Path
from uuid import uuid4

from jobs.common.storage import s3_client
from jobs.common.storage.location import Location, parse_uri
from safelight.records import Reason, Refusal

#: Begins the name of a local file that is not whole yet.
_PARTIAL = ".partial-"


class Written(str, Enum):
    """What a conditional write found."""

    NEW = "new"
    SAME = "same"
    CONFLICT = "conflict"


def local_version(status: os.stat_result) -> str:
    """Version of a local file: modification time in nanoseconds and size."""
    return f"{status.st_mtime_ns}-{status.st_size}"


def fetch(uri: str, version: str | None, begin: int = 0, end: int | None = None) -> bytes:
    """The bytes of one source, of exactly the listed version; all, or from one to another.

    Parameters
    ----------
    uri : str
    version : str or None
        As it was listed; ``None`` for an object that is known by its checksum.
    begin, end : int, optional

    Raises
    ------
    Refusal
        ``UNREADABLE_SOURCE`` if it is gone, forbidden or no longer that version.
    """
    place = parse_uri(uri)
    if end is not None and end <= begin:
        return b""
    try:
        read = _fetch_s3 if place.on_s3 else _fetch_local
        return read(place, version, begin, end)
    except OSError as error:
        name = type(error).__name__
    except Exception as error:  # botocore's classes; only the code leaves, never the key
        if isinstance(error, Refusal):
            raise
        name = s3_client.error_code(error)
    raise Refusal(Reason.UNREADABLE_SOURCE, f"the source cannot be read ({name}); run again")


def _changed() -> Refusal:
    return Refusal(Reason.UNREADABLE_SOURCE, "the source changed after it was listed; run again")


def _fetch_local(place: Location, version: str | None, begin: int, end: int | None) -> bytes:
    with open(place.path, "rb", buffering=0 if end is None else -1) as file:
        file.seek(begin)
        data = file.read(-1 if end is None else end - begin)
        if version not in (None, local_version(os.fstat(file.fileno()))):
            raise _changed()
    return data


def _fetch_s3(place: Location, version: str | None, begin: int, end: int | None) -> bytes:
    from botocore.exceptions import ClientError

    asked = {} if end is None else {"Range": f"bytes={begin}-{end - 1}"}
    if version is not None:
        asked["IfMatch"] = f'"{version}"'
    try:
        answer = s3_client.client().get_object(Bucket=place.bucket, Key=place.path, **asked)
    except ClientError as error:
        if s3_client.error_code(error) in s3_client.NOT_AS_EXPECTED:
            raise _changed() from None
        raise
    return bytes(answer["Body"].read())


def put(
    uri: str,
    data: bytes,
    sha256: str,
    replace: bool = False,
    content_type: str = "application/dicom",
) -> Written:
    """Write an object where none stands yet.

    Parameters
    ----------
    sha256 : str
        Hexadecimal digest of ``data``.
    replace : bool
        Write over what stands there: only for objects that no row speaks of.

    Returns
    -------
    Written
        ``SAME`` if the very bytes stand there already, ``CONFLICT`` if others do.
    """
    place = parse_uri(uri)
    if place.on_s3:
        return _put_s3(place, data, sha256, replace, content_type)
    return _put_local(place.path, data, sha256, replace)


def remove_partial(folder: Location) -> None:
    """Remove what a process that was killed had begun to write below a local folder."""
    if folder.on_s3:
        return  # an object on S3 appears whole or not at all
    for parent, _, names in os.walk(folder.path):
        for name in names:
            if name.startswith(_PARTIAL):
                os.unlink(os.path.join(parent, name))


def _put_local(path: str, data: bytes, sha256: str, replace: bool) -> Written:
    # A hard link appears at once and whole, and fails if the name is taken: the local
    # counterpart of If-None-Match. The partial file carries no name of the output.
    partial = os.path.join(os.path.dirname(path), f"{_PARTIAL}{uuid4().hex}")
    try:
        _write_new(partial, data)
        if replace:
            os.replace(partial, path)
            return Written.NEW
        try:
            os.link(partial, path)
        except FileExistsError:
            return _compare(hashlib.sha256(Path(path).read_bytes()).hexdigest(), sha256)
        return Written.NEW
    finally:
        with suppress(FileNotFoundError):
            os.unlink(partial)


def _write_new(path: str, data: bytes) -> None:
    try:
        file = open(path, "xb", buffering=0)
    except FileNotFoundError:  # most objects are of a series whose folder is there
        os.makedirs(os.path.dirname(path), exist_ok=True)
        file = open(path, "xb", buffering=0)
    rest = memoryview(data)
    with file:
        while rest:
            rest = rest[file.write(rest) :]


def _put_s3(place: Location, data: bytes, sha256: str, replace: bool, content_type: str) -> Written:
    from botocore.exceptions import ClientError

    condition = {} if replace else {"IfNoneMatch": "*"}
    for wait in (0.2, 0.8, 3.2, None):
        try:
            s3_client.client().put_object(
                Bucket=place.bucket,
                Key=place.path,
                Body=data,
                ContentType=content_type,
                Metadata={"sha256": sha256},
                **condition,
            )
            return Written.NEW
        except ClientError as error:
            code = s3_client.error_code(error)
            if code in s3_client.NOT_AS_EXPECTED:
                return _compare(_sha256_on_s3(place), sha256)
            if code not in s3_client.BUSY or wait is None:
                raise
            time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def _sha256_on_s3(place: Location) -> str:
    head = s3_client.client().head_object(Bucket=place.bucket, Key=place.path)
    stated = head["Metadata"].get("sha256")
    if stated:
        return str(stated)
    body = s3_client.client().get_object(Bucket=place.bucket, Key=place.path)["Body"].read()
    return hashlib.sha256(body).hexdigest()


def _compare(there: str, ours: str) -> Written:
    return Written.SAME if there == ours else Written.CONFLICT


def remove(uri: str) -> None:
    """Remove an output that no row speaks of; it may be gone already."""
    place = parse_uri(uri)
    if place.on_s3:
        s3_client.client().delete_object(Bucket=place.bucket, Key=place.path)
    else:
        Path(place.path).unlink(missing_ok=True)


def write_text(place: Location, text: str) -> None:
    """Write a small text file that may be written again, such as a report."""
    if place.on_s3:
        s3_client.client().put_object(Bucket=place.bucket, Key=place.path, Body=text.encode())
        return
    path = Path(place.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
