"""List the outcome of every source: status, reason and output.

For example:
  safelight status --tables tables/ --status quarantined
  safelight status --tables tables/ --mapping restricted/ --csv outcomes.csv

The list has one line for each object, for each file of notes with an output (each piece of a large
one), and for each note without an output. A source that several runs have processed into the same
output folder has its latest outcome; --run-id lists the outcomes of one run.

The URI of a source may hold PHI. It is listed only if the table `sources` can be read, in --mapping
or else in --tables; otherwise the source has its ID alone. A file of --csv can be read by its owner
only.

exit codes: 0 done, 1 a table cannot be read, 2 an argument is wrong. The last line on stdout is one
JSON object with the counts.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    arguments.add_tables(parser)
    parser.add_argument("--run-id", metavar="ID", help="only outcomes of this run (default: all)")
    parser.add_argument(
        "--status",
        choices=("deidentified", "filtered", "quarantined"),
        help="only outcomes of this status (default: all)",
    )
    parser.add_argument(
        "--reason", metavar="CODE", help="only outcomes with this reason code (default: all)"
    )
    parser.add_argument(
        "--csv", metavar="FILE", help="CSV file for the list, with more columns (default: stdout)"
    )
    arguments.add_spark(parser)


def run(given: argparse.Namespace) -> int:
    """List the outcomes and print their counts."""
    from jobs.common.report.status_list import StatusList, plan_status

    return StatusList(plan_status(given)).run()


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["status", *sys.argv[1:]]))
