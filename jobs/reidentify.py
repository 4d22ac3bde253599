r"""Look up the originals of pseudonyms and record the access.

For example:
  safelight reidentify --tables tables/ --key file:key.hex --reason "incidental finding" \
      --patient K7Q2M4RZ5WXA3BCD

The result is CSV on stdout: the requested pseudonym, kind, pseudonym, original, and namespace.
Before anything is printed, a row with the user, the time and the reason is added to the table
`reidentifications`; it holds no original. Spark is started only if the mapping is a Delta table.
"""

from __future__ import annotations

import argparse
import csv
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from jobs.common.delta.lease import Lease
    from jobs.common.delta.table_set import Tables
    from jobs.common.mapping_store.lookup import FoundPair, LookUp
    from jobs.common.storage.location import Location

#: Names of a header in the first column of ``--file``.
_HEADERS = frozenset(
    {
        "asked", "pseudonym", "pseudonyms", "uid", "id", "patient", "patient_id", "patientid",
        "patient_pseudonym", "study_uid", "series_uid", "sop_uid",
    }
)  # fmt: skip

#: Lines of ``--file`` that are printed.
_MAX_PRINTED_LINES = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    arguments.add_tables(parser)
    arguments.add_mapping_store(parser)
    arguments.add_key(parser)
    parser.add_argument("--reason", required=True, help="reason for the access, which is recorded")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--uid", help="pseudonymous UID of a study, series, instance or other entity"
    )
    asked.add_argument(
        "--patient", metavar="ID", help="patient pseudonym; returns all values of this patient"
    )
    asked.add_argument("--file", metavar="CSV", help="CSV file with pseudonyms in its first column")
    parser.add_argument("--lease", metavar="TABLE", help="DynamoDB table for the lease on S3")
    arguments.add_spark(parser)


def run(given: argparse.Namespace) -> int:
    """Look up the originals, record the access and print them."""
    from jobs.common.cli.errors import UsageError
    from jobs.common.delta.lease import hold_lease
    from jobs.common.delta.rows import ReidentificationRow
    from jobs.common.mapping_store.lookup import LookUp
    from jobs.common.run.preflight import ensure_writable
    from jobs.common.secrets.key_provider import read_key_material
    from jobs.common.secrets.value_cipher import ValueContext
    from safelight.pseudonyms import Pseudonyms
    from safelight.version import VERSION

    if not given.reason.strip():
        raise UsageError("--reason must not be empty")
    material = read_key_material(given.key)
    keys = {
        key_id: Pseudonyms(key, given.namespace)
        for key_id, key in material.pseudonym_keys().items()
    }
    asked = _requested(given)
    look_up = LookUp(given.namespace, tuple(keys), sorted(asked), given.patient is not None)
    _check_store(given)
    root = ensure_writable("--tables", given.tables)
    with hold_lease(root, given.lease) as lease, _open_tables(given, root, lease) as tables:
        found = _find(given, tables, look_up)
        ciphers = {key_id: material.open_cipher(names) for key_id, names in keys.items()}
        rows = [
            (
                one.asked,
                one.pair.kind,
                one.pair.pseudonym,
                ciphers[one.pair.key_id].decrypt(
                    ValueContext.of(one.pair), one.pair.original_encrypted
                ),
            )
            for one in found
        ]
        key_ids = {one.pair.key_id for one in found} or {material.ring.key_id}
        access = ReidentificationRow(
            accessed_at=datetime.now(timezone.utc),
            accessed_by=getpass.getuser(),
            reason=given.reason,
            asked="patient" if given.patient else "pseudonym",
            asked_count=len(asked),
            answered_count=len({row[0] for row in rows}),
            namespace=given.namespace,
            key_id=",".join(sorted(key_ids)),
            software_version=VERSION,
        )
        tables.append_rows([access])
    _report_unanswered(asked, {row[0] for row in rows}, from_file=given.file is not None)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("asked", "kind", "pseudonym", "original", "namespace"))
    writer.writerows((*row, given.namespace) for row in rows)
    return 0


def _check_store(given: argparse.Namespace) -> None:
    """Check that the store of the mapping exists."""
    from jobs.common.mapping_store.dynamodb_table import find_table
    from jobs.common.run.preflight import require_tables

    table = find_table(given.mapping_store)
    if table is None:
        require_tables(given.mapping or given.tables, "mapping")
    else:
        table.check_design()


@contextmanager
def _open_tables(given: argparse.Namespace, root: Location, lease: Lease) -> Iterator[Tables]:
    """Provide the tables; Spark is started only if the mapping is a Delta table."""
    from jobs.common.delta.table_set import Tables
    from jobs.common.observe.observer import Observer
    from jobs.common.spark.cluster_check import ClusterNeeds
    from jobs.common.spark.session import lazy_session, parse_settings
    from jobs.common.storage.location import parse_uri

    restricted = parse_uri(given.mapping or given.tables)
    needs = ClusterNeeds((("--mapping", restricted), ("--tables", root)))
    settings = parse_settings(given.spark_conf)
    with (
        Observer("reidentify") as observer,
        lazy_session("reidentify", given.master, settings, needs) as start,
    ):

        def spark() -> SparkSession:
            session = start()
            observer.attach(session.sparkContext)
            return session

        with observer.stage("LOOKUP"):
            yield Tables(spark, root, restricted, lease)


def _find(given: argparse.Namespace, tables: Tables, look_up: LookUp) -> list[FoundPair]:
    """Return the pairs of the requested pseudonyms.

    Raises
    ------
    JobError
        If the mapping cannot be read.
    """
    from jobs.common.cli.errors import JobError
    from jobs.common.mapping_store.backoff import MappingStoreError
    from jobs.common.mapping_store.dynamodb_table import find_table
    from jobs.common.mapping_store.lookup import find_in_delta, find_in_dynamodb
    from jobs.common.run.failures import describe_failure

    table = find_table(given.mapping_store)
    if table is None:
        return find_in_delta(tables, look_up)
    try:
        return find_in_dynamodb(table, look_up)
    except MappingStoreError as error:
        raise JobError(describe_failure(error, "the look-up failed")) from None


def _requested(given: argparse.Namespace) -> dict[str, int]:
    """Return the requested pseudonyms, with the first line of ``--file`` that has each."""
    from jobs.common.storage.objects import read_text

    if given.file is None:
        return {given.uid or given.patient: 1}
    rows = csv.reader(read_text(given.file).splitlines())
    lines: dict[str, int] = {}
    for row in rows:
        pseudonym = row[0].strip() if row else ""
        is_header = rows.line_num == 1 and pseudonym.lower() in _HEADERS
        if pseudonym and not is_header:
            lines.setdefault(pseudonym, rows.line_num)
    return lines


def _report_unanswered(asked: dict[str, int], answered: set[str], from_file: bool) -> None:
    """Report pseudonyms without an original. They are not printed: they may be originals."""
    from jobs.common.cli.log import log_event

    lines = sorted(line for pseudonym, line in asked.items() if pseudonym not in answered)
    if not lines:
        return
    place = ""
    if from_file:
        more = ", …" if len(lines) > _MAX_PRINTED_LINES else ""
        place = f" (--file, lines {', '.join(map(str, lines[:_MAX_PRINTED_LINES]))}{more})"
    log_event(
        "pseudonyms_not_found",
        f"{len(lines)} of {len(asked)} pseudonyms were not found under this key and namespace"
        f"{place}; check them, --key and --namespace",
        count=len(lines),
    )


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["reidentify", *sys.argv[1:]]))
