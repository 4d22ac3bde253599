"""Check the arguments of an export before Spark starts."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Optional

from jobs.common.cli.errors import UsageError
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.export.recipient.options import RecipientOptions
from jobs.common.run.lookup_tables import cover_lookups
from jobs.common.run.preflight import ensure_writable, is_inside, require_tables
from jobs.common.run.rule_sets import load_rule_set
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.spark.session import parse_settings
from jobs.common.storage.location import Location, parse_uri


@dataclass(frozen=True)
class ReleasePlan:
    """Checked arguments of an export.

    Attributes
    ----------
    name : str
        Name of the release.
    tables, folder : Location
        Folder of the Delta tables, and folder of the release.
    rules_hash, namespace, where : str
        Conditions on the objects; empty for no condition.
    modalities : tuple of str
        Sorted values of Modality; empty for all.
    lease_table, master : str, optional
        DynamoDB table of the lease, and Spark master.
    settings : dict of str
        Spark settings.
    recipient : RecipientOptions, optional
        Options of a release with pseudonyms of its own.
    include_unverified : bool
        Whether objects are released that no verification has found clean.
    """

    name: str
    tables: Location
    folder: Location
    rules_hash: str
    namespace: str
    modalities: tuple[str, ...]
    where: str
    lease_table: Optional[str]
    master: Optional[str]
    settings: dict[str, str]
    recipient: Optional[RecipientOptions] = None
    include_unverified: bool = False

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters that identify a release: two exports with equal ones are the same release."""
        return {
            "output": self.folder.uri,
            "rules_hash": self.rules_hash,
            "namespace": self.namespace,
            "modality": " ".join(self.modalities),
            "where": self.where,
            "unverified": "included" if self.include_unverified else "refused",
            **(self.recipient.parameters if self.recipient else {}),
        }


def plan_release(given: argparse.Namespace) -> ReleasePlan:
    """Check the arguments of an export.

    Raises
    ------
    UsageError, JobError
        If an argument is wrong, or a folder cannot be used.
    """
    settings = parse_settings(given.spark_conf)
    tables = require_tables(given.tables, "catalog")
    _check_where(given.where, tables)
    output = parse_uri(given.output)
    if is_inside(output, tables) or is_inside(tables, output):
        raise UsageError("--tables and --output must be separate folders")
    folder = ensure_writable("--output", given.output)
    recipient = _plan_recipient(given, tables, folder)
    if recipient is not None:
        folder = recipient.folder
    return ReleasePlan(
        name=given.release,
        tables=tables,
        folder=folder.child(given.release),
        rules_hash=cover_lookups(load_rule_set(given.rules)).hash if given.rules else "",
        namespace=given.namespace or "",
        modalities=tuple(sorted(set(given.modality))),
        where=given.where or "",
        lease_table=given.lease,
        master=given.master,
        settings=settings,
        recipient=recipient,
        include_unverified=given.include_unverified,
    )


def _plan_recipient(
    given: argparse.Namespace, tables: Location, folder: Location
) -> Optional[RecipientOptions]:
    """Check the options of a recipient; return None without one.

    Raises
    ------
    UsageError, JobError
        If an option is wrong, or the key cannot be read.
    """
    if given.recipient is None:
        if given.key is not None or given.k is not None or given.dicomdir:
            raise UsageError("--key, --k and --dicomdir need --recipient")
        return None
    if given.key is None:
        raise UsageError("--recipient needs --key, from which the pseudonyms are derived")
    columns = set(table_schema("catalog").names)
    unknown = {*given.quasi_identifiers, given.sensitive} - columns
    if unknown:
        raise UsageError(
            f"{', '.join(sorted(unknown))}: no such column in `catalog`; its columns are "
            f"{', '.join(sorted(columns))}"
        )
    return RecipientOptions(
        recipient=given.recipient,
        key=read_key_material(given.key).ring.key,
        folder=folder.child(given.recipient),
        restricted=parse_uri(given.mapping) if given.mapping else tables,
        k=given.k or 1,
        max_suppressed=given.max_suppressed,
        quasi_identifiers=tuple(dict.fromkeys(given.quasi_identifiers)),
        sensitive=given.sensitive,
        keep_private=given.keep_private,
        dicomdir=given.dicomdir,
        population=given.population,
    )


def _check_where(condition: Optional[str], tables: Location) -> None:
    """Reject a condition with a name that is not a column of ``catalog``."""
    if not condition:
        return
    columns = table_schema("catalog").names
    unknown = DeltaFolder(tables.child("catalog")).find_unknown_column(condition)
    if unknown is None or unknown in columns:
        return
    similar = get_close_matches(unknown, columns, 1)
    hint = f"did you mean {similar[0]}? " if similar else ""
    raise UsageError(
        f"--where: {unknown} is not a column of `catalog`; {hint}"
        f"its columns are {', '.join(columns)}"
    )
