"""Carry out the sub-commands of ``safelight keys``: results hold IDs of keys, and no key."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Optional

from jobs.common.cli.errors import JobError
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.recorded_keys import read_recorded_keys
from jobs.common.delta.tables.table_set import Tables
from jobs.common.keys.dynamodb_rewrite import read_usage, rewrite_dynamodb
from jobs.common.keys.mapping_rewrite import rewrite_mapping
from jobs.common.keys.resealing import USAGE_COLUMNS, Resealer, Usage, count_usage
from jobs.common.keys.rotation import new_ring, rotate_ring
from jobs.common.mapping_store.dynamodb_table import MappingTable, find_table
from jobs.common.run.preflight import require_tables
from jobs.common.run.rule_sets import load_rule_set
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.secrets.key_references import KMS, parse_reference
from jobs.common.secrets.key_ring import KeyRing
from jobs.common.secrets.key_writer import create_keys, replace_keys
from jobs.common.storage.location import Location, parse_uri
from safelight.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from pyarrow import RecordBatch

#: Result of a sub-command, for its last line on stdout.
KeyReport = dict[str, Any]


def create(given: argparse.Namespace) -> KeyReport:
    """Write a new key ring.

    Raises
    ------
    UsageError
        If the place exists or cannot be written.
    """
    reference = parse_reference(given.key)
    ring = new_ring()
    if reference.scheme == KMS:  # data keys of AWS KMS seal the originals
        ring = KeyRing(ring.pseudonym_keys)
    create_keys(reference, ring, given.kms_key)
    return _describe_ring(ring)


def check(given: argparse.Namespace) -> KeyReport:
    """Read the keys, and count the originals by key.

    Raises
    ------
    UsageError, JobError
        If the keys, the rules or a table cannot be read.
    """
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
    table = _find_table(given)
    if table is not None:
        yield from read_usage(table)
        return
    root, restricted = _locate(given)
    tables = Tables(None, root, restricted)
    yield from tables.batches("mapping", USAGE_COLUMNS)


def rotate(given: argparse.Namespace) -> KeyReport:
    """Change the key ring, then seal the originals again.

    Raises
    ------
    UsageError
        If the keys cannot be read or replaced. Nothing has changed then.
    JobError
        If originals cannot be sealed again.
    """
    material = read_key_material(given.key)
    recorded: frozenset[str] = frozenset()
    if given.tables is not None:
        _find_table(given)  # a missing one is reported before the keys change
        root, restricted = _locate(given)
        recorded = read_recorded_keys(Tables(None, root, restricted), root)
    ring = rotate_ring(material, given.new_pseudonyms, recorded)
    replace_keys(parse_reference(given.key), material.ring, ring)
    if given.tables is None:
        return _describe_ring(ring)
    try:
        return reseal(given)
    except JobError as error:
        raise JobError(
            f"{error}. The key ring has its new key; `safelight keys reseal` seals the remaining "
            "originals again"
        ) from None


def reseal(given: argparse.Namespace) -> KeyReport:
    """Seal the originals of a folder of tables again.

    Raises
    ------
    UsageError, JobError
        If the keys or the tables cannot be read, or the mapping cannot be changed.
    """
    material = read_key_material(given.key)
    root, restricted = _locate(given)
    table = _find_table(given)
    with hold_lease(root, given.lease) as lease:
        tables = Tables(None, root, restricted, lease)
        resealer = Resealer(material)
        if table is not None:
            counts = rewrite_dynamodb(table, resealer)
        else:
            counts = rewrite_mapping(tables, resealer)
    return {**_describe(material), "originals": counts.rows, "resealed": counts.resealed}


def _locate(given: argparse.Namespace) -> tuple[Location, Location]:
    """Return the folders of the tables and of the restricted tables."""
    root = parse_uri(given.tables)
    if given.mapping_store != "delta":
        return root, root
    return root, require_tables(given.mapping or given.tables, "mapping")


def _find_table(given: argparse.Namespace) -> Optional[MappingTable]:
    """Return the DynamoDB table of the mapping, which must exist; ``None`` for a Delta table."""
    table = find_table(given.mapping_store)
    if table is not None:
        table.check_design()
    return table


def _is_readable(material: KeyMaterial, group: Usage) -> bool:
    """Return whether the KEYREF has the keys of a group of originals."""
    return group.key_id in material.pseudonym_keys() and (
        group.sealing_key in material.sealing_key_ids()
    )


def _describe(material: KeyMaterial) -> KeyReport:
    """Return the IDs of the keys of a KEYREF."""
    description = _describe_ring(material.ring)
    if material.data_keys is not None:
        description["kms_key"] = material.data_keys.kms_key
    if material.previous is not None:
        description["previous_version"] = [key.key_id for key in material.previous.pseudonym_keys]
    return description


def _describe_ring(ring: KeyRing) -> KeyReport:
    return {
        "pseudonym_keys": [key.key_id for key in ring.pseudonym_keys],
        "sealing_keys": [key.key_id for key in ring.sealing_keys],
    }
