"""Show the size of the Delta tables, or compact them and delete what they no longer need.

For example:
  safelight tables status --tables tables/
  safelight tables optimize --tables tables/

`optimize` merges small data files, deletes files that were replaced or never committed more than
`--retain-days` ago, and shortens the log of each table. No row changes. A run compacts tables with
many small files by itself. Spark is not started.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.common.storage.location import Location


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands and their arguments."""
    from jobs.common.cli import arguments
    from jobs.common.delta.retention import RETAIN_DAYS

    commands = parser.add_subparsers(dest="tables_command", required=True, metavar="WHAT")

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        arguments.add_tables(one)
        return one

    command("status", "Show the rows, files and versions of each table.")
    optimize = command("optimize", "Compact tables and delete what they no longer need.")
    optimize.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    optimize.add_argument(
        "--retain-days",
        type=_parse_days,
        default=RETAIN_DAYS,
        metavar="N",
        help="days for which replaced files are kept, for readers of an earlier version of a table "
        "(default: %(default)s)",
    )


def run(given: argparse.Namespace) -> int:
    """Run one sub-command."""
    return _optimize(given) if given.tables_command == "optimize" else _status(given)


def _status(given: argparse.Namespace) -> int:
    """Print one line per table."""
    from jobs.common.delta.maintenance import describe_tables
    from jobs.common.delta.tables.table_set import Tables

    tables = Tables(None, *_locate(given))
    print(_format("table", "rows", "files", "small", "bytes", "version", "reader", "writer"))
    for state in describe_tables(tables):
        print(
            _format(
                state.table, state.rows, state.files, state.small_files, state.bytes,
                state.version, state.reader, state.writer,
            )
        )  # fmt: skip
    return 0


def _optimize(given: argparse.Namespace) -> int:
    """Optimize each table and print one line about it."""
    from jobs.common.delta.lease import hold_lease
    from jobs.common.delta.maintenance import describe_tables, optimize_table
    from jobs.common.delta.tables.table_set import Tables

    root, mapping = _locate(given)
    with hold_lease(root, given.lease) as lease:
        tables = Tables(None, root, mapping, lease)
        print(_format("table", "files", "before", "deleted"))
        for state in describe_tables(tables):
            done = optimize_table(tables, state.table, given.retain_days)
            print(_format(done.table, done.files_after, done.files_before, done.deleted_files))
    return 0


def _locate(given: argparse.Namespace) -> tuple[Location, Location]:
    """Return the folders of the tables and of the restricted tables."""
    from jobs.common.delta.schemas import ROW_TYPES
    from jobs.common.run.preflight import require_tables
    from jobs.common.storage.location import parse_uri

    root = require_tables(given.tables, "runs", *ROW_TYPES)
    return root, parse_uri(given.mapping) if given.mapping else root


def _format(*values: object) -> str:
    name, *numbers = values
    return f"{name:<20}" + "".join(f"{number:>14}" for number in numbers)


def _parse_days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError("must be a number of days from 1 to 3650")
    return int(text)


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["tables", *sys.argv[1:]]))
