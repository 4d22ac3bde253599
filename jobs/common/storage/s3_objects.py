"""Implement the storage interface on S3."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from jobs.common.storage.backend import Source, WriteOutcome, changed_source, compare_checksums
from jobs.common.storage.glob_patterns import compile_glob, has_wildcard, literal_prefix
from jobs.common.storage.location import Location
from jobs.common.storage.pinned_version import split_version


class S3Objects:
    """Storage interface on S3; see :class:`jobs.common.storage.backend.StorageBackend`."""

    def list_objects(self, location: Location) -> Iterator[Source]:
        """Yield the objects that a key names: the object, all below the prefix, or all matches."""
        prefix = literal_prefix(location.path)
        matches = compile_glob(location.path) if has_wildcard(location.path) else None
        pages = s3_client.get_client().get_paginator("list_objects_v2")
        try:
            for page in pages.paginate(Bucket=location.bucket, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    key = entry["Key"]
                    if key.endswith("/"):
                        continue  # the marker object of a folder
                    if matches(key) if matches else _is_below(key, prefix):
                        uri = Location(location.bucket, key).uri
                        yield Source(uri, entry["Size"], entry["ETag"].strip('"'))
        except Exception as error:  # classes of botocore
            raise _unreadable_bucket(location, error) from None

    def describe_object(self, location: Location) -> Source:
        """Return one object; its version is empty if the object is missing."""
        try:
            head = s3_client.get_client().head_object(Bucket=location.bucket, Key=location.path)
        except Exception as error:  # classes of botocore
            if error_code(error) in s3_client.NOT_FOUND_CODES:
                return Source(location.uri, 0, "")
            raise _unreadable_bucket(location, error) from None
        return Source(location.uri, int(head["ContentLength"]), head["ETag"].strip('"'))

    def read(
        self, location: Location, version: str | None, begin: int = 0, end: int | None = None
    ) -> bytes:
        """Return the bytes of one object from ``begin`` up to ``end``.

        Parameters
        ----------
        location : Location
            Location of the object.
        version : str or None
            ETag as it was listed, without quotation marks, and the version ID if it is pinned;
            ``None`` accepts any version.
        begin, end : int, optional
            Range of bytes, ``end`` excluded (default: all).

        Returns
        -------
        bytes
            Content of the range; fewer bytes if the object is shorter.

        Raises
        ------
        Refusal
            If the object is not the given version.
        botocore.exceptions.ClientError
            If the object is missing or cannot be read.
        """
        from botocore.exceptions import ClientError

        parameters = {}
        if begin or end is not None:
            parameters["Range"] = f"bytes={begin}-{'' if end is None else end - 1}"
        if version is not None:
            etag, version_id = split_version(version)
            parameters["IfMatch"] = f'"{etag}"'
            if version_id is not None:
                parameters["VersionId"] = version_id
        try:
            return _download(location, parameters)
        except ClientError as error:
            if error_code(error) in s3_client.PRECONDITION_FAILED_CODES:
                raise changed_source() from None
            raise

    def write_new(
        self, location: Location, data: bytes, sha256: str, replace: bool, content_type: str
    ) -> WriteOutcome:
        """Write an object if it does not exist (If-None-Match), or if it may be replaced.

        Parameters
        ----------
        location : Location
            Location of the object.
        data : bytes
            Content of the object.
        sha256 : str
            Hexadecimal digest of ``data``, stored in the metadata of the object.
        replace : bool
            Replace an existing object.
        content_type : str
            Media type of the object.

        Returns
        -------
        WriteOutcome
            ``NEW`` if the object was written, ``SAME`` if it exists with the same bytes,
            ``CONFLICT`` if with others.

        Raises
        ------
        botocore.exceptions.ClientError
            If the object cannot be written, or other writers hold it during all attempts.
        """
        from botocore.exceptions import ClientError

        condition = {} if replace else {"IfNoneMatch": "*"}
        for wait in (*s3_client.CONFLICT_RETRY_WAITS_SECONDS, None):
            try:
                s3_client.get_client().put_object(
                    Bucket=location.bucket,
                    Key=location.path,
                    Body=data,
                    ContentType=content_type,
                    Metadata={"sha256": sha256},
                    **condition,
                )
                return WriteOutcome.NEW
            except ClientError as error:
                code = error_code(error)
                if code in s3_client.PRECONDITION_FAILED_CODES:
                    return compare_checksums(_existing_sha256(location), sha256)
                if code not in s3_client.WRITE_CONFLICT_CODES or wait is None:
                    raise
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def overwrite(self, location: Location, data: bytes) -> None:
        """Write a small object, whether it exists or not.

        Parameters
        ----------
        location : Location
            Location of the object.
        data : bytes
            Content of the object.

        Raises
        ------
        botocore.exceptions.ClientError
            If the object cannot be written.
        """
        s3_client.get_client().put_object(Bucket=location.bucket, Key=location.path, Body=data)

    def upload(self, location: Location, path: str) -> None:
        """Write the content of a local file in parts, whether the object exists or not.

        Parameters
        ----------
        location : Location
            Location of the object.
        path : str
            Path of the local file.

        Raises
        ------
        botocore.exceptions.ClientError
            If the object cannot be written.
        """
        from boto3.exceptions import S3UploadFailedError
        from botocore.exceptions import ClientError

        try:
            s3_client.get_client().upload_file(path, location.bucket, location.path)
        except S3UploadFailedError as error:
            cause = error.__context__  # it has the code of the error
            raise cause if isinstance(cause, ClientError) else error from None

    def delete(self, location: Location) -> None:
        """Delete an object; a missing one is ignored."""
        s3_client.get_client().delete_object(Bucket=location.bucket, Key=location.path)

    def remove_partial_files(self, folder: Location) -> None:
        """Do nothing: an object on S3 appears complete or not at all."""


def _is_below(key: str, prefix: str) -> bool:
    """Return whether a key is the prefix itself or below it as a folder."""
    return not prefix or prefix.endswith("/") or key[len(prefix) :][:1] in ("", "/")


def _download(location: Location, parameters: Mapping[str, str]) -> bytes:
    """Return the body of an object; request it again if the connection breaks in the body.

    botocore retries a request until it has the head of the answer, but not what follows.

    Parameters
    ----------
    location : Location
        Location of the object.
    parameters : mapping
        Range and condition of the request.
    """
    from botocore.exceptions import HTTPClientError, IncompleteReadError

    for wait in (*s3_client.BODY_RETRY_WAITS_SECONDS, None):
        answer = s3_client.get_client().get_object(
            Bucket=location.bucket, Key=location.path, **parameters
        )
        try:
            return bytes(answer["Body"].read())
        except (HTTPClientError, IncompleteReadError):
            if wait is None:
                raise
            time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def _existing_sha256(location: Location) -> str:
    """Return the SHA-256 of an existing object, from its metadata if it is stated there."""
    client = s3_client.get_client()
    head = client.head_object(Bucket=location.bucket, Key=location.path)
    stated = head["Metadata"].get("sha256")
    if stated:
        return str(stated)
    return hashlib.sha256(_download(location, {})).hexdigest()


def _unreadable_bucket(location: Location, error: Exception) -> JobError:
    code = error_code(error)
    return JobError(s3_client.describe_bucket_error(location.bucket, code))
