"""Read the results that an import job writes: its manifest and the lists of files.

The formats are those of the page "Understanding import jobs" of the developer guide of AWS
HealthImaging. The messages of exceptions and warnings are not kept: they may quote values.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from jobs.aws.healthimaging.warning_policy import normalize_type
from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import backend_of

MANIFEST_NAME = "job-output-manifest.json"

_MISSING_CODES = s3_client.NOT_FOUND_CODES | {"FileNotFoundError"}

#: Waits for the manifest of a completed job. The code examples of the developer guide wait too.
_MANIFEST_WAITS_SECONDS = (1.0, 3.0, 10.0, 30.0)

_AGAIN = "run the same command again; if it fails again, ask AWS Support about the job"


@dataclass(frozen=True)
class FileResult:
    """Result of one file of an import job.

    Attributes
    ----------
    exception_type : str
        Type of the exception; empty if the file was imported.
    image_set_id : str
        ID of the image set; empty if the file was not imported.
    image_set_version : int or None
        Version of the image set, where the service states it.
    is_primary : bool or None
        Whether the image set is primary.
    warnings : tuple of str
        Types of the warnings, normalized.
    """

    exception_type: str = ""
    image_set_id: str = ""
    image_set_version: Optional[int] = None
    is_primary: Optional[bool] = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobResults:
    """Results of an import job.

    Attributes
    ----------
    scanned, imported, failed : int
        Numbers of files of the manifest.
    files : dict of str to FileResult
        Result by ``inputFile``.
    """

    scanned: int
    imported: int
    failed: int
    files: Mapping[str, FileResult] = field(repr=False)


def read_results(output_uri: str, sleep: Callable[[float], None] = time.sleep) -> JobResults:
    """Return the results of a completed job.

    Parameters
    ----------
    output_uri : str
        ``outputS3Uri`` of the job.
    sleep : callable, optional
        Waits for a number of seconds.

    Returns
    -------
    JobResults

    Raises
    ------
    JobError
        If a list is missing or damaged, or the lists contradict the manifest.
    """
    folder = parse_uri(output_uri)
    summary = _parse(_read_manifest(folder.child(MANIFEST_NAME), sleep)).get("jobSummary")
    if not isinstance(summary, dict):
        raise _damaged()
    try:
        imported = int(summary["numberOfImportedFiles"])
        failed = int(summary["numberOfFilesWithCustomerError"])
        failed += int(summary.get("numberOfFilesWithServerError", 0))
        scanned = int(summary["numberOfScannedFiles"])
    except (KeyError, TypeError, ValueError):
        raise _damaged() from None
    versions = _read_versions(summary)
    files: dict[str, FileResult] = {}
    # Each list comes after those whose entries it completes or contradicts.
    for name, is_needed in (("SUCCESS", imported > 0), ("WARNING", False), ("FAILURE", failed > 0)):
        text = _read(folder.child(f"{name}/{name.lower()}.ndjson"), is_needed)
        for key, result in parse_list(text, versions):
            files[key] = _merge(files.get(key), result)
    counted = sum(not one.exception_type for one in files.values())
    if (counted, len(files) - counted) != (imported, failed):
        raise JobError(
            "the lists of an import job do not agree with the counts of its manifest; " + _AGAIN
        )
    return JobResults(scanned, imported, failed, files)


def parse_list(text: str, versions: Mapping[str, int]) -> Iterator[tuple[str, FileResult]]:
    """Yield ``inputFile`` and the result of each line of a list.

    Parameters
    ----------
    text : str
        Content of ``success.ndjson``, ``failure.ndjson`` or ``warning.ndjson``.
    versions : mapping of str to int
        Version by image set ID, for lines without one.

    Raises
    ------
    JobError
        If a line is damaged.
    """
    for line in text.splitlines():
        if line.strip():
            entry = _parse(line)
            try:
                yield str(entry["inputFile"]), _read_entry(entry, versions)
            except (KeyError, TypeError, ValueError):
                raise _damaged() from None


def _read_entry(entry: Mapping[str, Any], versions: Mapping[str, int]) -> FileResult:
    if "exception" in entry:
        return FileResult(exception_type=_clean(entry["exception"]["exceptionType"]))
    response = entry["importResponse"]
    image_set = str(response["imageSetId"])
    version = response.get("imageSetVersion", versions.get(image_set))
    primary = response.get("isPrimary")
    return FileResult(
        image_set_id=image_set,
        image_set_version=None if version is None else int(version),
        is_primary=None if primary is None else bool(primary),
        warnings=tuple(normalize_type(str(one["type"])) for one in response.get("warnings", ())),
    )


def _merge(before: Optional[FileResult], new: FileResult) -> FileResult:
    """Return the result of a file that is in several lists; a failure wins."""
    if before is None or new.exception_type:
        return new
    warnings = tuple(dict.fromkeys((*before.warnings, *new.warnings)))
    primary = before.is_primary if new.is_primary is None else new.is_primary
    version = before.image_set_version
    if new.image_set_version is not None:
        version = new.image_set_version
    return FileResult("", new.image_set_id, version, primary, warnings)


def _read_versions(summary: Mapping[str, Any]) -> dict[str, int]:
    return {
        str(one["imageSetId"]): int(one["imageSetVersion"])
        for one in summary.get("imageSetsSummary", ())
        if "imageSetVersion" in one
    }


def _clean(name: object) -> str:
    """Return the type of an exception without anything that is not a name."""
    return "".join(c for c in str(name) if c.isascii() and c.isalnum())[:64] or "Unknown"


def _read_manifest(location: Location, sleep: Callable[[float], None]) -> str:
    """Return the manifest, which may appear some time after the job has completed."""
    for wait in _MANIFEST_WAITS_SECONDS:
        text = _read(location, False)
        if text:
            return text
        sleep(wait)
    return _read(location, True)


def _read(location: Location, is_needed: bool) -> str:
    """Return a list; an empty text if it is missing and may be so."""
    try:
        return backend_of(location).read(location, None).decode("utf-8")
    except UnicodeDecodeError:
        raise _damaged() from None
    except Exception as error:  # OSError, or classes of botocore
        code = error_code(error)
        if not is_needed and code in _MISSING_CODES:
            return ""
        advice = advise(code) or "check the permissions on the output of the import jobs"
        raise JobError(f"the results of an import job cannot be read ({code}); {advice}") from None


def _parse(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        raise _damaged() from None
    if not isinstance(found, dict):
        raise _damaged()
    return found


def _damaged() -> JobError:
    return JobError("the results of an import job have an unknown format; " + _AGAIN)
