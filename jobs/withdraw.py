r"""Withdraw patients from the tables, the outputs, the releases and HealthImaging.

For example:
  safelight withdraw --tables tables/ --key file:key.hex --file patients.csv \
      --reason "consent withdrawn"

The CSV file has a header with the column `patient_id`, the original Patient ID, and `issuer` if the
originals have an Issuer of Patient ID; or with the column `pseudonym`, the pseudonym of the first
pass. The patients get a row in `withdrawals` first, and no later release holds them. Then their
objects are deleted from the outputs and from the releases to recipients, and their rows from
`catalog`, `audit`, `findings` and `mapping`. `instances` says `withdrawn`, so that no run makes
the objects again. OUTPUT/RECIPIENT/withdrawn.csv lists what a recipient has to delete; the manifest
of a release stays as it was. With --datastore, their image sets are deleted from AWS HealthImaging.
If the command was killed, run it again.

exit codes: 0 done, 1 the withdrawal is not complete, 2 an argument is wrong. The last line on
stdout is one JSON object with the counts.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    parser.add_argument("--tables", required=True, metavar="URI", help="folder of Delta tables")
    parser.add_argument(
        "--mapping", metavar="URI", help="folder of the restricted tables (default: --tables)"
    )
    arguments.add_mapping_store(parser)
    parser.add_argument("--key", required=True, metavar="KEYREF", help="key of the runs")
    parser.add_argument(
        "--file", required=True, metavar="CSV", help="patients; see the columns below"
    )
    parser.add_argument("--reason", required=True, metavar="TEXT", help="reason for the record")
    parser.add_argument(
        "--namespace",
        type=arguments.parse_name,
        default="default",
        help="namespace of the runs (default: %(default)s)",
    )
    parser.add_argument(
        "--datastore", metavar="ID", help="also delete the image sets of this data store"
    )
    parser.add_argument("--region", metavar="NAME", help="region of the data store")
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    arguments.add_endpoint(parser)
    arguments.add_log(parser)


def run(given: argparse.Namespace) -> int:
    """Withdraw the patients."""
    from jobs.common.cli.exit_codes import ExitCode
    from jobs.common.export.withdrawals.job import Withdrawal, WithdrawalPlan, check_reason
    from jobs.common.export.withdrawals.request import read_request
    from jobs.common.mapping_store.dynamodb_table import find_table
    from jobs.common.run.preflight import require_tables
    from jobs.common.secrets.key_provider import read_key_material
    from jobs.common.storage.location import parse_uri
    from jobs.common.storage.objects import read_text
    from safelight.pseudonyms import Pseudonyms

    reason = check_reason(given.reason)
    tables = require_tables(given.tables, "instances", "note_files")
    material = read_key_material(given.key)
    names = [Pseudonyms(key, given.namespace) for key in material.pseudonym_keys().values()]
    table = find_table(given.mapping_store)
    if table is not None:
        table.check_design()
    plan = WithdrawalPlan(
        tables=tables,
        restricted=parse_uri(given.mapping) if given.mapping else tables,
        namespace=given.namespace,
        requested=read_request(read_text(given.file), names),
        reason=reason,
        key_id=material.ring.key_id,
        key_ids=tuple(material.pseudonym_keys()),
        mapping_store=given.mapping_store,
        lease_table=given.lease,
    )
    patients = Withdrawal(plan).run()
    if given.datastore:
        return _delete_image_sets(given, patients, reason)
    return ExitCode.DONE


def _delete_image_sets(given: argparse.Namespace, patients: tuple[str, ...], reason: str) -> int:
    """Delete the image sets of the patients from a data store."""
    from jobs.aws.healthimaging.deletion import Deletion, DeletionPlan
    from jobs.aws.healthimaging.imports.plan import check_datastore_id
    from jobs.common.run.preflight import require_tables

    return Deletion(
        DeletionPlan(
            tables=require_tables(given.tables, "instances", "note_files"),
            datastore_id=check_datastore_id(given.datastore),
            patients=patients,
            reason=reason,
            region=given.region,
            lease_table=given.lease,
        )
    ).run()


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["withdraw", *sys.argv[1:]]))
