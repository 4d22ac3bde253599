"""Copy a distribution to S3. The name of a file holds its checksum, so that no file is replaced.

A running job may start executors at any time, and they fetch the environment then. A replaced
archive would give them another version than the driver has.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.aws.submit.release import Release
from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location, parse_uri

#: Files of a distribution that the services need, besides the jars.
ENVIRONMENT = "environment.tar.gz"
ENTRY_POINT = "main.py"
LOG_SETTINGS = "log4j2.properties"

#: Jars that EMR has in versions of its own.
_JARS_OF_EMR = ("delta-", "hadoop-aws-", "aws-java-sdk-", "wildfly-")

#: Digits of the checksum in the name of a file.
_NAME_DIGITS = 16

#: Limit of a request that S3 checks by one checksum (Amazon S3 User Guide, "Uploading objects").
_MAX_BYTES = 5 * 10**9


@dataclass(frozen=True)
class StagedFile:
    """A file of a distribution and its place on S3.

    Attributes
    ----------
    path : Path
        Local file.
    location : Location
        Object on S3.
    sha256 : str
        Hexadecimal digest of the content.
    """

    path: Path
    location: Location
    sha256: str


@dataclass(frozen=True)
class StagingPlan:
    """Files of a distribution, their places, and the release that they make.

    Attributes
    ----------
    files : tuple of StagedFile
        All files.
    release : Release
        Description of the release.
    location : Location
        Object on S3 for the description.
    """

    files: tuple[StagedFile, ...] = field(repr=False)
    release: Release
    location: Location


def plan_staging(distribution: str, staging: str) -> StagingPlan:
    """Return where the files of a distribution belong. Nothing is read from S3.

    Parameters
    ----------
    distribution : str
        Folder that ``make dist`` has made.
    staging : str
        Folder on S3.

    Raises
    ------
    UsageError
        If the distribution is not complete, or the staging folder is not on S3.
    """
    folder = parse_uri(staging)
    if not folder.on_s3:
        raise UsageError("--staging takes a folder on S3: s3://BUCKET/FOLDER/")
    source = Path(distribution)
    environment, entry_point = source / ENVIRONMENT, source / ENTRY_POINT
    jars = [
        path
        for path in sorted((source / "jars").glob("*.jar"))
        if not path.name.startswith(_JARS_OF_EMR)
    ]
    if not environment.is_file() or not entry_point.is_file():
        raise UsageError(
            f"--distribution {distribution} has no {ENVIRONMENT} and {ENTRY_POINT}; run `make dist`"
        )
    log_settings = [path for path in (source / LOG_SETTINGS,) if path.is_file()]
    files = tuple(_place(path, folder) for path in (environment, entry_point, *log_settings, *jars))
    uris = {file.path: file.location.uri for file in files}
    release = Release(
        entry_point=uris[entry_point],
        environment=uris[environment],
        jars=tuple(uris[jar] for jar in jars),
        log_settings=uris.get(source / LOG_SETTINGS),
    )
    digest = hashlib.sha256(release.to_json().encode()).hexdigest()
    return StagingPlan(files, release, _object(folder, digest, "release.json"))


def stage(plan: StagingPlan) -> int:
    """Copy the files that S3 does not have, then the description of the release.

    Parameters
    ----------
    plan : StagingPlan
        Files and their places.

    Returns
    -------
    int
        Number of files that were copied, without the description.

    Raises
    ------
    JobError
        If a file cannot be copied.
    """
    copied = 0
    for file in plan.files:
        if not _exists(file):
            _copy(file)
            copied += 1
    _put(plan.location, Body=plan.release.to_json().encode(), ContentType="application/json")
    return copied


def write_text(uri: str, text: str) -> None:
    """Write a text that a run reads from S3.

    Parameters
    ----------
    uri : str
        URI of the object, whose name holds the checksum of the text.
    text : str
        Content.

    Raises
    ------
    JobError
        If the object cannot be written.
    """
    _put(parse_uri(uri), Body=text.encode())


def read_staged_release(uri: str) -> str:
    """Return the text of a ``release.json`` on S3.

    Parameters
    ----------
    uri : str
        URI of the object.

    Raises
    ------
    UsageError
        If the object is not on S3.
    JobError
        If it cannot be read.
    """
    location = parse_uri(uri)
    if not location.on_s3:
        raise UsageError("--release takes a release.json on S3: s3://BUCKET/FOLDER/…/release.json")
    try:
        answer = s3_client.get_client().get_object(Bucket=location.bucket, Key=location.path)
        return str(answer["Body"].read().decode())
    except Exception as error:  # classes of botocore
        sentence = "the release of --release cannot be read"
        raise JobError(describe_error(sentence, error, "check its name")) from None


def _place(path: Path, folder: Location) -> StagedFile:
    """Return the place of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return StagedFile(path, _object(folder, digest.hexdigest(), path.name), digest.hexdigest())


def _object(folder: Location, digest: str, name: str) -> Location:
    """Return the object of a file with a digest."""
    prefix = folder.path.strip("/")
    key = "/".join(part for part in (prefix, digest[:_NAME_DIGITS], name) if part)
    return Location(folder.bucket, key)


def _exists(file: StagedFile) -> bool:
    """Return whether S3 has a file with the same size and checksum."""
    location = file.location
    try:
        head = s3_client.get_client().head_object(Bucket=location.bucket, Key=location.path)
    except Exception as error:  # classes of botocore
        if error_code(error) in s3_client.NOT_FOUND_CODES | s3_client.DENIED_CODES:
            return False  # without permission to list, a missing object is forbidden
        raise _failed(location, error) from None
    size = file.path.stat().st_size
    return bool(head["ContentLength"] == size and head["Metadata"].get("sha256") == file.sha256)


def _copy(file: StagedFile) -> None:
    """Copy a file; S3 compares its checksum."""
    if file.path.stat().st_size > _MAX_BYTES:
        raise JobError(
            f"{file.path.name} has more than 5 GB, which one request cannot copy; "
            "run `make dist` in a fresh environment"
        )
    checksum = base64.b64encode(bytes.fromhex(file.sha256)).decode()
    with file.path.open("rb") as body:
        _put(
            file.location,
            Body=body,
            ChecksumSHA256=checksum,
            Metadata={"sha256": file.sha256},
        )


def _put(location: Location, **parameters: Any) -> None:
    """Write an object, with the encryption that its bucket prescribes."""
    try:
        s3_client.get_client().put_object(Bucket=location.bucket, Key=location.path, **parameters)
    except Exception as error:  # classes of botocore
        raise _failed(location, error) from None


def _failed(location: Location, error: Exception) -> JobError:
    """Return the error of a file that cannot be copied."""
    sentence = f"the distribution cannot be copied to the bucket {location.bucket}"
    return JobError(describe_error(sentence, error, "check --staging and the permissions"))
