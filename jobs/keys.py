r"""Create, check and rotate keys.

For example:
  safelight keys create --key file:key.json
  safelight keys create --key aws-kms:s3://control/key.json --kms-key alias/safelight-restricted
  safelight keys check --key file:key.json --tables tables/
  safelight keys check --key file:key.json --rules my-rules.yaml --namespace study-a
  safelight keys rotate --key file:key.json --tables tables/
  safelight keys reseal --key file:key.json --tables other-tables/
  safelight keys rotate --key aws-kms:s3://control/key.json --tables s3://research/tables/ \
      --mapping-store dynamodb:safelight-mapping

A key ring has the key of the pseudonyms and the sealing keys of the originals in `mapping`.
`rotate` adds a sealing key, keeps the earlier ones, and seals the originals of --tables again.
Pseudonyms change with --new-pseudonyms only. `reseal` does the same for further tables, and
completes a rotation that was interrupted. No key is printed. Spark is not started.

exit codes: 0 done, 1 a table cannot be read or changed, 2 an argument is wrong. The last line on
stdout is one JSON object with the IDs of the keys, which are not secret.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql import SparkSession

    from jobs.common.keys.resealing import Usage
    from jobs.common.mapping_store.dynamodb_table import MappingTable
    from jobs.common.secrets.key_material import KeyMaterial
    from jobs.common.storage.location import Location


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands and their arguments."""
    commands = parser.add_subparsers(dest="keys_command", required=True, metavar="WHAT")
    _add_create(commands)
    _add_check(commands)
    rotate = _add_change(
        commands, "rotate", "Add a sealing key, and seal the originals again under it.", False
    )
    rotate.add_argument(
        "--new-pseudonyms",
        action="store_true",
        help="add a key of the pseudonyms as well: later runs process all sources again, under "
        "pseudonyms that cannot be linked with the earlier ones",
    )
    _add_change(commands, "reseal", "Seal the originals again under the current key.", True)


def run(given: argparse.Namespace) -> int:
    """Run one sub-command."""
    commands = {"create": _create, "check": _check, "rotate": _rotate, "reseal": _reseal}
    print(json.dumps(commands[given.keys_command](given)))
    return 0


def _create(given: argparse.Namespace) -> dict[str, Any]:
    """Write a new key ring."""
    from jobs.common.keys.rotation import new_ring
    from jobs.common.secrets.key_references import KMS, parse_reference
    from jobs.common.secrets.key_ring import KeyRing
    from jobs.common.secrets.key_writer import create_keys

    reference = parse_reference(given.key)
    ring = new_ring()
    if reference.scheme == KMS:  # data keys of AWS KMS seal the originals
        ring = KeyRing(ring.pseudonym_keys)
    create_keys(reference, ring, given.kms_key)
    return _describe_ring(ring)


def _check(given: argparse.Namespace) -> dict[str, Any]:
    """Read the keys, and count the originals by key."""
    from jobs.common.keys.resealing import count_usage
    from jobs.common.run.rule_sets import load_rule_set
    from jobs.common.secrets.key_provider import read_key_material
    from safelight.pseudonyms import Pseudonyms

    material = read_key_material(given.key)
    result = _describe(material)
    if given.rules is not None:
        rules = load_rule_set(given.rules)
        names = Pseudonyms(material.ring.key, given.namespace, uid_root=rules.uid_root)
        result["uid_prefix"] = names.uid_prefix
    if given.tables is None and given.mapping_store == "delta":
        return result
    usage = count_usage(_read_usage(given))
    result["originals"] = [
        {**group._asdict(), "rows": rows, "readable": _is_readable(material, group)}
        for group, rows in sorted(usage.items())
    ]
    return result


def _read_usage(given: argparse.Namespace) -> Iterator[RecordBatch]:
    """Yield the columns of the mapping by which its originals are counted."""
    from jobs.common.delta.table_set import Tables
    from jobs.common.keys.dynamodb_rewrite import read_usage
    from jobs.common.keys.resealing import USAGE_COLUMNS

    table = _find_table(given)
    if table is not None:
        yield from read_usage(table)
        return
    root, restricted = _locate(given)
    tables = Tables(_start_no_session, root, restricted)
    yield from tables.batches("mapping", USAGE_COLUMNS)


def _rotate(given: argparse.Namespace) -> dict[str, Any]:
    """Change the key ring, then seal the originals again."""
    from jobs.common.cli.errors import JobError
    from jobs.common.delta.recorded_keys import read_recorded_keys
    from jobs.common.delta.table_set import Tables
    from jobs.common.keys.rotation import rotate_ring
    from jobs.common.secrets.key_provider import read_key_material
    from jobs.common.secrets.key_references import parse_reference
    from jobs.common.secrets.key_writer import replace_keys

    material = read_key_material(given.key)
    recorded: frozenset[str] = frozenset()
    if given.tables is not None:
        _find_table(given)  # a missing one is reported before the keys change
        root, restricted = _locate(given)
        recorded = read_recorded_keys(Tables(_start_no_session, root, restricted), root)
    ring = rotate_ring(material, given.new_pseudonyms, recorded)
    replace_keys(parse_reference(given.key), material.ring, ring)
    if given.tables is None:
        return _describe_ring(ring)
    try:
        return _reseal(given)
    except JobError as error:
        raise JobError(
            f"{error}. The key ring has its new key; `safelight keys reseal` seals the remaining "
            "originals again"
        ) from None


def _reseal(given: argparse.Namespace) -> dict[str, Any]:
    """Seal the originals of a folder of tables again."""
    from jobs.common.delta.lease import hold_lease
    from jobs.common.delta.table_set import Tables
    from jobs.common.keys.dynamodb_rewrite import rewrite_dynamodb
    from jobs.common.keys.mapping_rewrite import rewrite_mapping
    from jobs.common.keys.resealing import Resealer
    from jobs.common.secrets.key_provider import read_key_material

    material = read_key_material(given.key)
    root, restricted = _locate(given)
    table = _find_table(given)
    with hold_lease(root, given.lease) as lease:
        tables = Tables(_start_no_session, root, restricted, lease)
        resealer = Resealer(material)
        if table is not None:
            counts = rewrite_dynamodb(table, resealer)
        else:
            counts = rewrite_mapping(tables, resealer)
    return {**_describe(material), "originals": counts.rows, "resealed": counts.resealed}


def _locate(given: argparse.Namespace) -> tuple[Location, Location]:
    """Return the folders of the tables and of the restricted tables."""
    from jobs.common.run.preflight import require_tables
    from jobs.common.storage.location import parse_uri

    root = parse_uri(given.tables)
    if given.mapping_store != "delta":
        return root, root
    return root, require_tables(given.mapping or given.tables, "mapping")


def _find_table(given: argparse.Namespace) -> Optional[MappingTable]:
    """Return the DynamoDB table of the mapping, which must exist; ``None`` for a Delta table."""
    from jobs.common.mapping_store.dynamodb_table import find_table

    table = find_table(given.mapping_store)
    if table is not None:
        table.check_design()
    return table


def _is_readable(material: KeyMaterial, group: Usage) -> bool:
    """Return whether the KEYREF has the keys of a group of originals."""
    return group.key_id in material.pseudonym_keys() and (
        group.sealing_key in material.sealing_key_ids()
    )


def _describe(material: KeyMaterial) -> dict[str, Any]:
    """Return the IDs of the keys of a KEYREF."""
    description = _describe_ring(material.ring)
    if material.data_keys is not None:
        description["kms_key"] = material.data_keys.kms_key
    if material.previous is not None:
        description["previous_version"] = [key.key_id for key in material.previous.pseudonym_keys]
    return description


def _describe_ring(ring: Any) -> dict[str, Any]:
    return {
        "pseudonym_keys": [key.key_id for key in ring.pseudonym_keys],
        "sealing_keys": [key.key_id for key in ring.sealing_keys],
    }


def _start_no_session() -> SparkSession:
    raise AssertionError("no sub-command needs Spark")


def _add_command(commands: Any, name: str, summary: str, key: str) -> argparse.ArgumentParser:
    from jobs.common.cli import arguments

    parser = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    parser.add_argument("--key", required=True, metavar="KEYREF", help=key)
    arguments.add_endpoint(parser)
    arguments.add_log(parser)
    return parser  # type: ignore[no-any-return]


def _add_create(commands: Any) -> None:
    create = _add_command(
        commands,
        "create",
        "Create a random key ring in a new file, secret or envelope.",
        "file:PATH, aws-secretsmanager:NAME or aws-kms:URI, which must not exist",
    )
    create.add_argument(
        "--kms-key",
        metavar="ARN",
        help="KMS key (ARN, ID or alias) of the envelope, or of the secret",
    )


def _add_check(commands: Any) -> None:
    from jobs.common.cli import arguments

    check = _add_command(
        commands,
        "check",
        "Read the keys, and count the originals by key.",
        "KEYREF as for the other commands",
    )
    check.add_argument(
        "--rules", metavar="NAME|URI", help="show the prefix of new UIDs under these rules"
    )
    check.add_argument(
        "--namespace",
        type=arguments.parse_name,
        default="default",
        help="namespace of the prefix (default: %(default)s)",
    )
    _add_tables(check, required=False)


def _add_change(commands: Any, name: str, summary: str, required: bool) -> argparse.ArgumentParser:
    parser = _add_command(
        commands, name, summary, "file:PATH, aws-secretsmanager:NAME or aws-kms:URI"
    )
    _add_tables(parser, required)
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    return parser


def _add_tables(parser: argparse.ArgumentParser, required: bool) -> None:
    from jobs.common.cli import arguments

    parser.add_argument("--tables", required=required, metavar="URI", help="folder of Delta tables")
    parser.add_argument(
        "--mapping", metavar="URI", help="folder of the restricted tables (default: --tables)"
    )
    arguments.add_mapping_store(parser)


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["keys", *sys.argv[1:]]))
