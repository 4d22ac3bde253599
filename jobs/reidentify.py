r"""Look up the originals of pseudonyms and record the access.

For example:
  safelight reidentify --tables tables/ --key file:key.hex --reason "incidental finding" \
      --patient K7Q2M4RZ5WXA3BCD

The result is CSV on stdout: the requested pseudonym, kind, pseudonym, original, and namespace.
Before anything is printed, a row with the user, the time and the reason is added to the table
`reidentifications`; it holds no original.
"""

from __future__ import annotations

import argparse
import csv
import getpass
import sys
from collections.abc import Collection
from datetime import datetime, timezone
from typing import Any

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
    from jobs.common.delta.table_set import Tables
    from jobs.common.observe.observer import Observer
    from jobs.common.run.preflight import ensure_writable, require_tables
    from jobs.common.secrets.key_provider import read_key_material
    from jobs.common.secrets.value_cipher import ValueContext
    from jobs.common.spark.cluster_check import ClusterNeeds
    from jobs.common.spark.session import parse_settings, session
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
    restricted = require_tables(given.mapping or given.tables, "mapping")
    root = ensure_writable("--tables", given.tables)
    with hold_lease(root, given.lease) as lease:
        needs = ClusterNeeds((("--mapping", restricted), ("--tables", root)))
        settings = parse_settings(given.spark_conf)
        with (
            Observer("reidentify") as observer,
            session("reidentify", given.master, settings, needs) as spark,
        ):
            observer.attach(spark.sparkContext)
            tables = Tables(spark, root, restricted, lease)
            with observer.stage("LOOKUP"):
                found = _look_up(
                    tables, given.namespace, keys, sorted(asked), given.patient is not None
                )
            ciphers = {key_id: material.open_cipher(names) for key_id, names in keys.items()}
            rows = [
                (
                    row.asked,
                    row.kind,
                    row.pseudonym,
                    ciphers[row.key_id].decrypt(ValueContext.of(row), row.original_encrypted),
                )
                for row in found
            ]
            access = ReidentificationRow(
                accessed_at=datetime.now(timezone.utc),
                accessed_by=getpass.getuser(),
                reason=given.reason,
                asked="patient" if given.patient else "pseudonym",
                asked_count=len(asked),
                answered_count=len({row[0] for row in rows}),
                namespace=given.namespace,
                key_id=",".join(sorted({row.key_id for row in found}) or [material.ring.key_id]),
                software_version=VERSION,
            )
            tables.append_rows([access])
    _report_unanswered(asked, {row[0] for row in rows}, from_file=given.file is not None)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("asked", "kind", "pseudonym", "original", "namespace"))
    writer.writerows((*row, given.namespace) for row in rows)
    return 0


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


def _look_up(
    tables: Any, namespace: str, key_ids: Collection[str], asked: list[str], by_patient: bool
) -> list[Any]:
    """Return the rows of ``mapping`` for the requested pseudonyms, under any of the keys."""
    from pyspark.sql import functions as F

    wanted = tables.spark.createDataFrame([(value,) for value in asked], "asked STRING")
    column = F.col("patient_pseudonym" if by_patient else "pseudonym")
    return list(
        tables.read("mapping")
        .where((F.col("namespace") == namespace) & F.col("key_id").isin(sorted(key_ids)))
        .join(F.broadcast(wanted), column == F.col("asked"))
        .orderBy("asked", "kind", "pseudonym")
        .collect()
    )
