"""Write an HTML report of what runs did: counts, reasons, actions and findings; no PHI.

example:
  safelight report --tables tables/ --output report.html

The report is one file without scripts or links. It is made of `runs`, `instances`, `audit`
and `findings` (and `notes`, `notes_findings` where there are notes), which hold no PHI; the
restricted tables are not read.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from jobs.common.cli import arguments

    parser.add_argument("--tables", required=True, metavar="URI", help="folder of Delta tables")
    parser.add_argument("--output", required=True, metavar="FILE", help="the report, .html")
    parser.add_argument("--run-id", metavar="ID", help="only this run (default: all)")
    arguments.add_spark(parser)


def run(given: argparse.Namespace) -> int:
    """Count, render, write."""
    from jobs.common.cli.errors import UsageError
    from jobs.common.delta.table_set import Tables
    from jobs.common.report.counts import count
    from jobs.common.report.html import render
    from jobs.common.run.preflight import require_tables
    from jobs.common.spark.session import parse_settings, session
    from jobs.common.storage.location import parse_uri
    from jobs.common.storage.objects import write_text

    root, output = require_tables(given.tables, "runs"), parse_uri(given.output)
    with session("report", given.master, parse_settings(given.spark_conf)) as spark:
        tables = Tables(spark, root)
        sections = count(tables, given.run_id)
    if given.run_id and not sections[0].rows:
        raise UsageError(f"no run is called {given.run_id}")
    write_text(output, render(sections))
    print(output.uri)
    return 0


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["report", *sys.argv[1:]]))
