"""Copy the instances of a data store of AWS HealthImaging to a folder or to S3.

The path of an object is ``STUDY/SERIES/IMAGE-SET-VERSION/INSTANCE.dcm``. It names one version, so
an object that exists is complete and is skipped: the same command resumes an export.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Optional
from urllib.parse import quote

from jobs.common.aws.client_errors import describe_error
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_event
from jobs.common.run.preflight import ensure_writable, require_file
from jobs.common.sources.location_listing import list_location
from jobs.common.sources.source_table import iterate_sources
from jobs.common.storage.backend import Source
from jobs.common.storage.healthimaging_uri import HealthImagingUri, parse_healthimaging_uri
from jobs.common.storage.location import Location, parse_source_uri
from jobs.common.storage.objects import (
    read_object,
    remove_partial_files,
    write_object,
    write_text,
)
from safelight.records import Refusal

#: Bytes of all instances that are being copied; a larger instance is copied alone.
COPIED_AT_ONCE_BYTES = 512 << 20

#: Seconds between two lines about the progress.
PROGRESS_SECONDS = 30.0


@dataclass(frozen=True)
class ExportPlan:
    """Checked arguments of an export.

    Attributes
    ----------
    source : Location
        Data store.
    output : Location
        Folder of the files.
    manifest : Location or None
        File that lists the current versions.
    threads : int
        Instances that are copied at one time.
    """

    source: Location
    output: Location
    manifest: Optional[Location]
    threads: int


def plan_export(given: argparse.Namespace) -> ExportPlan:
    """Check the arguments.

    Raises
    ------
    UsageError
        If an argument is wrong.
    JobError
        If a bucket cannot be used.
    """
    options = HealthImagingUri(given.datastore, region=given.region or "", retrieve=given.retrieve)
    source = parse_source_uri(parse_healthimaging_uri(options.uri).uri)
    output = ensure_writable("--output", given.output)
    manifest = require_file("--manifest", given.manifest) if given.manifest else None
    return ExportPlan(source, output, manifest, given.threads)


@dataclass
class _Counts:
    """Counts of an export.

    Attributes
    ----------
    outcomes : Counter
        Instances by outcome: exported, skipped or failed.
    reasons : Counter
        Failed instances by the sentence of their refusal, which has no PHI.
    bytes_out : int
        Bytes written.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bytes_out: int = 0


class Export:
    """One export.

    Parameters
    ----------
    plan : ExportPlan
        Checked arguments.
    """

    def __init__(self, plan: ExportPlan):
        self._plan = plan
        self._counts = _Counts()
        self._started = time.monotonic()
        self._reported = self._started

    def run(self) -> int:
        """Copy what is missing and print the counts as the last line of stdout.

        Returns
        -------
        int
            Exit code: 0 if all instances are there, 1 if some cannot be read.

        Raises
        ------
        JobError
            If the data store cannot be listed, or the output cannot be written.
        UsageError
            If no region is configured, or the data store has no image sets.
        """
        remove_partial_files(self._plan.output)
        existing = self._list_existing()
        instances = list_location(self._plan.source).table
        if not len(instances):
            raise UsageError("the data store has no instances; check --datastore and --region")
        self._copy_all(self._find_pending(iterate_sources(instances), existing))
        if self._plan.manifest is not None:
            self._write_manifest(self._plan.manifest, iterate_sources(instances))
        failed = self._counts.outcomes["failed"]
        print(json.dumps(self._summary(len(instances))), flush=True)
        for reason, count in self._counts.reasons.most_common():
            log_event("export_failures", f"{count} instances: {reason}", count=count)
        return ExitCode.FAILED if failed else ExitCode.DONE

    def _summary(self, seen: int) -> dict[str, float]:
        outcomes = self._counts.outcomes
        return {
            "seen": seen,
            "exported": outcomes["exported"],
            "skipped": outcomes["skipped"],
            "failed": outcomes["failed"],
            "seconds": round(time.monotonic() - self._started, 3),
            "bytes_out": self._counts.bytes_out,
        }

    def _list_existing(self) -> set[str]:
        """Return the URIs of the objects of earlier exports."""
        listed = list_location(self._plan.output)
        return {source.uri for source in iterate_sources(listed.table)}

    def _find_pending(self, instances: Iterable[Source], existing: set[str]) -> Iterator[Source]:
        """Yield the instances that are missing, and count the others."""
        for instance in instances:
            if self._target(instance).uri in existing:
                self._counts.outcomes["skipped"] += 1
            else:
                yield instance

    def _target(self, instance: Source) -> Location:
        parsed = parse_healthimaging_uri(instance.uri)
        study, series, uid = (
            quote(name, safe="") for name in (parsed.study, parsed.series, parsed.instance)
        )
        version = instance.version.replace("@", "-")
        return self._plan.output.child(f"{study}/{series}/{version}/{uid}.dcm")

    def _copy_all(self, pending: Iterable[Source]) -> None:
        """Copy instances in parallel, within a limit of their bytes."""
        waiting: deque[tuple[Future[int], int]] = deque()
        under_way = 0
        pool = ThreadPoolExecutor(self._plan.threads)
        try:
            for instance in pending:
                while waiting and (
                    len(waiting) >= 2 * self._plan.threads
                    or under_way + instance.size > COPIED_AT_ONCE_BYTES
                ):
                    under_way -= self._finish(*waiting.popleft())
                waiting.append((pool.submit(self._copy, instance), instance.size))
                under_way += instance.size
            while waiting:
                self._finish(*waiting.popleft())
        finally:
            pool.shutdown(cancel_futures=True)

    def _copy(self, instance: Source) -> int:
        """Copy one instance and return its bytes."""
        target = self._target(instance)
        data = read_object(instance.uri, instance.version)
        try:
            write_object(target.uri, data, hashlib.sha256(data).hexdigest())
        except Exception as error:  # OSError or a class of botocore
            sentence = "an instance cannot be written to --output"
            raise JobError(describe_error(sentence, error, "check --output")) from None
        return len(data)

    def _finish(self, future: Future[int], size: int) -> int:
        """Count an instance, and return its listed size."""
        try:
            self._counts.bytes_out += future.result()
            self._counts.outcomes["exported"] += 1
        except Refusal as refusal:
            self._counts.outcomes["failed"] += 1
            self._counts.reasons[refusal.sentence] += 1
        self._report()
        return size

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._reported >= PROGRESS_SECONDS:
            self._reported = now
            done = sum(self._counts.outcomes.values())
            log_event("export_progress", f"{done} instances are exported or skipped", objects=done)

    def _write_manifest(self, manifest: Location, instances: Iterable[Source]) -> None:
        """Write the URIs of the current versions, as ``--manifest`` of other commands reads it."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["uri"])
        writer.writerows([self._target(instance).uri] for instance in instances)
        try:
            write_text(manifest, text.getvalue())
        except Exception as error:  # OSError or a class of botocore
            raise JobError(
                describe_error("--manifest cannot be written", error, "check the permissions")
            ) from None
