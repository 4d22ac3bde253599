"""Write an HTML report of runs: counts, reasons, actions and findings, without PHI.

For example:
  safelight report --tables tables/ --output report.html

The report is one file without scripts or links. It is built from `runs`, `instances`, `audit` and
`findings`, from `notes` and `notes_findings` if there are notes, and from `verification` if outputs
were verified. They hold no PHI. The restricted tables are not read. Spark is started only for a
table of more than 20 million rows. With --run-id, the outcomes of `verify` are left out.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from jobs.common.storage.location import Location


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    parser.add_argument("--tables", required=True, metavar="URI", help="folder of Delta tables")
    parser.add_argument("--output", required=True, metavar="FILE", help="HTML file to write")
    parser.add_argument("--run-id", metavar="ID", help="only this run (default: all)")
    arguments.add_spark(parser)


def run(given: argparse.Namespace) -> int:
    """Count, render and write the report."""
    from jobs.common.delta.tables.table_set import Tables
    from jobs.common.observe.observer import Observer
    from jobs.common.report.counts import count_sections
    from jobs.common.report.html import render
    from jobs.common.run.preflight import require_file, require_tables
    from jobs.common.spark.cluster_check import ClusterNeeds
    from jobs.common.spark.session import lazy_session, parse_settings
    from jobs.common.storage.objects import write_text

    root, output = require_tables(given.tables, "runs"), require_file("--output", given.output)
    _require_run(given.run_id, root)
    needs = ClusterNeeds((("--tables", root),))
    settings = parse_settings(given.spark_conf)
    with (
        Observer("report") as observer,
        lazy_session("report", given.master, settings, needs) as start,
    ):
        with observer.stage("COUNT"):
            sections = count_sections(Tables(observer.attach_at_start(start), root), given.run_id)
    write_text(output, render(sections))
    print(output.uri)
    return 0


def _require_run(run_id: Optional[str], root: Location) -> None:
    """Raise if ``runs`` does not have the run of ``--run-id``; without Spark."""
    import pyarrow.dataset as ds

    from jobs.common.cli.errors import UsageError
    from jobs.common.delta.tables.delta_folder import DeltaFolder

    if run_id is None:
        return
    rows = DeltaFolder(root.child("runs")).rows(["run_id"], ds.field("run_id") == run_id)
    if next(rows, None) is None:
        raise UsageError(f"run {run_id} does not exist; see `runs` for the IDs of all runs")


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["report", *sys.argv[1:]]))
