"""Print the outcomes of sources, or write them to a CSV file."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import UsageError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_event
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.report.source_outcomes import OutcomeFilter, SourceOutcome, list_outcomes
from jobs.common.run.preflight import require_tables
from jobs.common.spark.session import lazy_session, parse_settings
from jobs.common.storage.location import Location, parse_uri
from safelight.records import Reason, Status
from safelight.text.formulas import neutralize_row

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_STATUS_CHARACTERS = max(len(status.value) for status in Status)
_REASON_CHARACTERS = max(len(reason.value) for reason in Reason)


@dataclass(frozen=True)
class StatusPlan:
    """Checked arguments of ``safelight status``.

    Attributes
    ----------
    tables, restricted : Location
        Folders of the tables and of the restricted tables.
    wanted : OutcomeFilter
    with_uris : bool
        Whether the table ``sources`` can be read.
    csv : str or None
        File for the list.
    master : str or None
    settings : dict
        Spark settings of the command line.
    """

    tables: Location
    restricted: Location
    wanted: OutcomeFilter
    with_uris: bool
    csv: Optional[str]
    master: Optional[str]
    settings: dict[str, str]


def plan_status(given: argparse.Namespace) -> StatusPlan:
    """Check the arguments.

    Raises
    ------
    UsageError
        If an argument is wrong.
    JobError
        If the tables cannot be read.
    """
    settings = parse_settings(given.spark_conf)
    codes = [reason.value for reason in Reason]
    if given.reason and given.reason not in codes:
        raise UsageError(f"--reason {given.reason} is unknown; give one of {', '.join(codes)}")
    tables = require_tables(given.tables, "instances", "note_files")
    if given.mapping:
        require_tables(given.mapping, "sources")
    restricted = parse_uri(given.mapping or given.tables)
    with_uris = _can_read_sources(restricted)
    if not with_uris:
        log_event(
            "sources_not_read",
            "sources are listed by ID: the table `sources` cannot be read; give its folder by "
            "--mapping",
        )
    wanted = OutcomeFilter(given.run_id or "", given.status or "", given.reason or "")
    return StatusPlan(tables, restricted, wanted, with_uris, given.csv, given.master, settings)


def _can_read_sources(folder: Location) -> bool:
    """Return whether the caller can read a row of the table ``sources``."""
    try:
        columns = DeltaFolder(folder.child("sources")).rows(["source_id"])
        return next(columns, None) is not None
    except Exception:  # OSError, or classes of botocore and deltalake: no permission
        return False


class StatusList:
    """One use of ``safelight status``.

    Parameters
    ----------
    plan : StatusPlan
        Checked arguments.
    """

    def __init__(self, plan: StatusPlan):
        self._plan = plan

    def run(self) -> int:
        """Write the list, and print the counts as the last line of stdout.

        Raises
        ------
        UsageError
            If the run of ``--run-id`` has no outcome, or the file cannot be written.
        JobError
            If a table cannot be read.
        """
        plan = self._plan
        statuses: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        with lazy_session("status", plan.master, plan.settings) as spark:
            tables = Tables(spark, plan.tables, plan.restricted)
            self._check_run(tables)
            outcomes = list_outcomes(tables, plan.wanted, plan.with_uris)
            with _open_list(plan.csv) as write:
                for outcome in outcomes:
                    statuses[outcome.status] += 1
                    if outcome.reason_code:
                        reasons[outcome.reason_code] += 1
                    write(outcome)
        reason_counts = dict(sorted(reasons.items()))
        summary = {
            "listed": sum(statuses.values()),
            **{status.value: statuses[status.value] for status in Status},
            "reasons": reason_counts,
        }
        print(json.dumps(summary))
        return ExitCode.DONE

    def _check_run(self, tables: Tables) -> None:
        """Raise if no table has the run of ``--run-id``."""
        run_id = self._plan.wanted.run_id
        is_of_run = ds.field("run_id") == run_id
        for table in ("runs", "instances", "note_files") if run_id else ():
            if next(tables.rows(table, ["run_id"], is_of_run), None) is not None:
                return
        if run_id:
            raise UsageError(f"run {run_id} does not exist; see `runs` for the IDs of all runs")


@contextmanager
def _open_list(path: Optional[str]) -> Iterator[Callable[[SourceOutcome], None]]:
    """Yield the function that writes one outcome: to a CSV file, or to stdout.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """
    if path is None:
        yield lambda outcome: print(format_outcome(outcome))
        return
    try:
        # The URIs of sources may hold PHI.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise UsageError(
            f"--csv {path} cannot be written ({error.strerror}); give another file"
        ) from None
    with open(descriptor, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(SourceOutcome._fields)
        yield lambda outcome: writer.writerow(neutralize_row(outcome))


def format_outcome(outcome: SourceOutcome) -> str:
    """Return one line: status, reason code, source, place in the source, and output."""
    place = ""
    if outcome.piece is not None and outcome.kind == "file":
        place = f" piece {outcome.piece}" if outcome.piece > 1 else ""
    elif outcome.row is not None:
        place = f" piece {outcome.piece} row {outcome.row}"
    # The name of a file may hold characters that control the terminal, or line ends.
    source = _CONTROL_CHARACTERS.sub("?", outcome.source_uri or outcome.source_id) + place
    output = f" -> {outcome.output_uri}" if outcome.output_uri else ""
    status = f"{outcome.status:{_STATUS_CHARACTERS}}"
    return f"{status} {outcome.reason_code or '-':{_REASON_CHARACTERS}} {source}{output}"
