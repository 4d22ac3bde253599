"""Copy the mapping of pseudonyms to another store.

For example:
  safelight mapping copy --tables tables/ --from delta --to dynamodb:safelight-mapping

`copy` adds the pairs that the target does not have. Repeat it to resume a copy that was killed. The
encrypted originals are copied as they are, so no key is needed. Nothing is deleted: delete the
source when no command uses it any more.

exit codes: 0 done, 1 a store cannot be read or written, 2 an argument is wrong. The last line on
stdout is one JSON object with the counts.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.common.delta.lease import Lease
    from jobs.common.mapping_store.copying import CopyCounts
    from jobs.common.storage.location import Location


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    parser.add_argument(
        "action", choices=("copy",), help="copy: add the pairs of one store to another one"
    )
    arguments.add_tables(parser)
    for option, role in (("from", "read"), ("to", "written")):
        parser.add_argument(
            f"--{option}",
            dest=f"{option}_store",
            required=True,
            type=arguments.parse_mapping_store,
            metavar="STORE",
            help=f"store that is {role}: delta or dynamodb:TABLE",
        )
    parser.add_argument("--lease", metavar="TABLE", help="DynamoDB table for the lease on S3")
    arguments.add_spark(parser)


def run(given: argparse.Namespace) -> int:
    """Copy the pairs and print the counts."""
    from jobs.common.cli.errors import JobError, UsageError
    from jobs.common.cli.log import log_event
    from jobs.common.delta.lease import hold_lease
    from jobs.common.run.failures import describe_failure

    started = time.time()
    if given.from_store == given.to_store:
        raise UsageError("--from and --to are the same store; give another one")
    root = _check_stores(given)
    with hold_lease(root, given.lease) as lease:
        try:
            counts = _copy(given, root, lease)
        except (JobError, UsageError):
            raise
        except Exception as error:
            raise JobError(describe_failure(error, "the copy failed")) from None
    if counts.unbound:
        log_event(
            "unbound_originals",
            f"{counts.unbound} originals were encrypted by an earlier version, which did not bind "
            "them to their pairs; `safelight keys rotate` encrypts them again",
            count=counts.unbound,
        )
    seconds = round(time.time() - started, 3)
    print(json.dumps({"copied": counts.copied, "existing": counts.existing, "seconds": seconds}))
    return 0


def _check_stores(given: argparse.Namespace) -> Location:
    """Check that both stores can be used; return the folder of the tables."""
    from jobs.common.mapping_store.dynamodb_table import find_table
    from jobs.common.run.preflight import ensure_writable, require_tables

    for store in (given.from_store, given.to_store):
        table = find_table(store)
        if table is not None:
            table.check_design()
    if given.from_store == "delta":
        require_tables(given.mapping or given.tables, "mapping")
    return ensure_writable("--tables", given.tables)


def _copy(given: argparse.Namespace, root: Location, lease: Lease) -> CopyCounts:
    """Copy the pairs; Spark is started if it is needed."""
    from jobs.common.delta.tables.table_set import Tables
    from jobs.common.mapping_store import copying
    from jobs.common.mapping_store.dynamodb_table import find_table
    from jobs.common.observe.observer import Observer
    from jobs.common.spark.cluster_check import ClusterNeeds
    from jobs.common.spark.session import lazy_session, parse_settings
    from jobs.common.storage.location import parse_uri

    restricted = parse_uri(given.mapping or given.tables)
    settings = parse_settings(given.spark_conf)
    source, target = find_table(given.from_store), find_table(given.to_store)
    needs = ClusterNeeds(
        (("--mapping", restricted),), mapping_table=target.name if target is not None else ""
    )
    with (
        Observer("mapping") as observer,
        lazy_session("mapping", given.master, settings, needs) as start,
    ):
        tables = Tables(observer.attach_at_start(start), root, restricted, lease)
        with observer.stage("COPY"):
            if source is None:
                assert target is not None
                return copying.copy_delta_to_dynamodb(tables, target)
            if target is None:
                return copying.copy_dynamodb_to_delta(source, tables)
            return copying.copy_dynamodb_to_dynamodb(source, target)


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["mapping", *sys.argv[1:]]))
