r"""Check and search the log of accesses to originals.

For example:
  safelight audit verify --tables tables/ --key file:key.hex
  safelight audit verify --tables tables/ --mapping restricted/ --key file:key.hex --head 12:HASH
  safelight audit who --tables tables/ --key file:key.hex --patient K7Q2M4RZ5WXA3BCD
  safelight audit who --tables tables/ --key file:key.hex --original - < patient.txt

`reidentify` adds an entry to the table `access_log`, in the folder of the mapping, before it prints
an original. `verify` finds entries that were changed, removed, repeated or reordered, and damaged
files. It compares the rows of the table `reidentifications` of --tables with the entries that they
record, which shows rows that were changed, and the removal of the last entries. So does --head,
with the number and hash of an entry in the log of a `reidentify` command. `who` lists the accesses
to the originals of one patient, by a pseudonym or by the original Patient ID. Spark is not started.

exit codes: 0 the log is as it was written, 1 it cannot be read, 2 an argument is wrong, 3 entries
or rows of `reidentifications` are missing or were changed, or a file is damaged. The result is CSV
on stdout: `verify` prints entry and defect; a damaged file has no number; stderr has its name.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from jobs.common.access_log.entries import AccessRow, Defect
    from jobs.common.delta.damaged_files import FileRows
    from jobs.common.delta.rows import ReidentificationRow
    from jobs.common.storage.location import Location

#: Columns that `who` prints.
_WHO_COLUMNS = (
    "entry", "accessed_at", "os_user", "aws_caller", "reason", "asked", "answered_count",
    "namespace", "refusal",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands and their arguments."""
    commands = parser.add_subparsers(dest="audit_command", required=True, metavar="WHAT")
    verify = _add_command(
        commands, "verify", "Find entries that were changed, removed, repeated or reordered."
    )
    verify.add_argument(
        "--head",
        type=_parse_head,
        metavar="ENTRY:HASH",
        help="number and hash of an entry, as the log of `reidentify` has them",
    )
    who = _add_command(commands, "who", "List the accesses to the originals of one patient.")
    asked = who.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--patient", metavar="ID", help="pseudonym of the patient, or another pseudonym"
    )
    asked.add_argument(
        "--original",
        metavar="ID",
        help="original Patient ID; - reads it from stdin, so that it is in no list of processes",
    )
    who.add_argument(
        "--issuer", default="", metavar="TEXT", help="Issuer of Patient ID of --original"
    )


def run(given: argparse.Namespace) -> int:
    """Check the log, and print its defects or the accesses to one patient."""
    from jobs.common.access_log.entries import find_defects
    from jobs.common.access_log.log import read_entries_by_file
    from jobs.common.access_log.records import compare_records
    from jobs.common.cli.exit_codes import ExitCode
    from jobs.common.secrets.key_provider import read_key_material
    from jobs.common.storage.location import parse_uri

    keys = read_key_material(given.key).pseudonym_keys()
    entry_files = read_entries_by_file(_require_log(given))
    record_files = _read_records(parse_uri(given.tables))
    rows = [row for file in entry_files for row in file.rows or ()]
    records = [row for file in record_files for row in file.rows or ()]
    head = given.head if given.audit_command == "verify" else None
    defects = [
        *_list_damaged_files("access_log", entry_files),
        *_list_damaged_files("reidentifications", record_files),
        *sorted(
            {
                *find_defects(rows, keys, {} if head is None else {head[0]: head[1]}),
                *compare_records(rows, records),
            }
        ),
    ]
    _report(rows, {record.entry for record in records}, defects)
    if given.audit_command == "verify":
        _print_rows(
            ("entry", "defect"),
            [("" if one.entry is None else one.entry, one.kind) for one in defects],
        )
    else:
        _print_accesses(rows, keys, _list_pseudonyms(given, rows, keys))
    return ExitCode.FINDINGS if defects else ExitCode.DONE


def _add_command(commands: Any, name: str, summary: str) -> argparse.ArgumentParser:
    from jobs.common.cli import arguments

    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=summary, allow_abbrev=False
    )
    arguments.add_tables(parser)
    parser.add_argument(
        "--key", required=True, metavar="KEYREF", help="KEYREF as for the other commands"
    )
    arguments.add_endpoint(parser)
    arguments.add_log(parser)
    return parser


def _parse_head(text: str) -> tuple[int, str]:
    entry, _, entry_hash = text.partition(":")
    if not entry.isdecimal() or not entry_hash:
        raise argparse.ArgumentTypeError("give the number of an entry, a colon, and its hash")
    return int(entry), entry_hash


def _require_log(given: argparse.Namespace) -> Location:
    """Return the restricted folder, which has a log unless nothing was ever re-identified.

    A log that was removed as a whole is reported entry by entry, if there are witnesses.
    """
    from jobs.common.run.preflight import require_tables

    return require_tables(given.mapping or given.tables, "access_log", "mapping", "sources")


def _read_records(root: Location) -> list[FileRows[ReidentificationRow]]:
    """Return the rows of each file of ``reidentifications``."""
    from jobs.common.delta.damaged_files import read_each_file
    from jobs.common.delta.rows import ReidentificationRow

    return list(read_each_file(root.child(ReidentificationRow.table), ReidentificationRow))


def _list_damaged_files(table: str, files: Sequence[FileRows[Any]]) -> list[Defect]:
    """Return a defect for each damaged file, and log its name."""
    from jobs.common.access_log.entries import Defect
    from jobs.common.cli.log import log_event

    damaged = [file.name for file in files if file.rows is None]
    for name in damaged:
        log_event(
            "damaged_file",
            f"the file {name} of the table {table} is missing, damaged or of other software, "
            "and its rows cannot be read; keep a copy of it, restore it from a backup or an "
            "earlier version of the object, and run the command again",
        )
    return [Defect(None, "damaged_file") for _ in damaged]


def _report(
    rows: Sequence[AccessRow], recorded: Container[Optional[int]], defects: Sequence[Defect]
) -> None:
    from jobs.common.cli.log import log_event

    last = max(rows, key=lambda row: row.entry, default=None)
    head = f"; the last one is {last.entry}:{last.entry_hash}" if last else ""
    log_event("access_log_read", f"the access log has {len(rows)} entries{head}", count=len(rows))
    unrecorded = sum(row.entry not in recorded for row in rows)
    if unrecorded:
        log_event(
            "entries_without_record",
            f"{unrecorded} entries have no row in `reidentifications` of --tables: they belong to "
            "another folder of tables, the command was killed, or the rows were removed",
            count=unrecorded,
        )
    if defects:
        log_event(
            "access_log_defects",
            "the access log, or its record in `reidentifications`, is not as it was written: "
            f"{len(defects)} defects; compare it with a backup and with the log of the storage",
            count=len(defects),
        )


def _list_pseudonyms(
    given: argparse.Namespace, rows: Sequence[AccessRow], keys: dict[str, bytes]
) -> list[str]:
    """Return the pseudonyms of the patient, in all namespaces of the log."""
    from jobs.common.access_log.search import derive_pseudonyms
    from jobs.common.cli.errors import UsageError
    from jobs.common.storage.location import parse_uri

    if given.original is None:
        return [given.patient]
    original = sys.stdin.readline() if given.original == "-" else given.original
    if not original.strip():
        raise UsageError("--original is empty; give a Patient ID")
    known = _read_known_patients(parse_uri(given.tables))
    namespaces = {row.namespace for row in rows}
    return derive_pseudonyms(original.strip(), given.issuer, namespaces, keys, known)


def _read_known_patients(root: Location) -> set[str]:
    """Return the pseudonyms of all patients in the tables, which may have a prefix of the rules."""
    from jobs.common.delta.tables.table_set import Tables

    tables = Tables(None, root)
    column = "patient_pseudonym"
    names = [name for name in ("instances", "notes") if tables.exists(name)]
    return {row[column] or "" for name in names for row in tables.rows(name, [column])}


def _print_accesses(
    rows: Sequence[AccessRow], keys: dict[str, bytes], pseudonyms: Sequence[str]
) -> None:
    from jobs.common.access_log.search import find_accesses
    from jobs.common.delta.arrow_rows import to_record

    records = [to_record(row) for row in find_accesses(rows, keys, pseudonyms)]
    for record in records:
        record["accessed_at"] = record["accessed_at"].isoformat(timespec="seconds")
    _print_rows(_WHO_COLUMNS, [[record[name] for name in _WHO_COLUMNS] for record in records])


def _print_rows(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from safelight.text.formulas import neutralize_row

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(map(neutralize_row, rows))


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["audit", *sys.argv[1:]]))
