"""Find the store of the mapping and record accesses to originals, for the commands that read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Optional

from jobs.common.access_log.caller import identify_caller
from jobs.common.access_log.entries import AccessRow, hash_pseudonym
from jobs.common.access_log.limits import (
    RULES_NAME,
    AccessRule,
    Request,
    find_refusal,
    parse_rules,
)
from jobs.common.access_log.log import AppendEntry, read_entries
from jobs.common.access_log.records import make_record
from jobs.common.cli.errors import JobError
from jobs.common.cli.log import log_event
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.dynamodb_table import find_table
from jobs.common.run.preflight import require_tables
from jobs.common.storage.location import Location
from jobs.common.storage.objects import backend_of, read_text
from jobs.common.storage.s3_client import has_foreign_endpoint
from safelight.pseudonyms import Pseudonyms
from safelight.version import VERSION


@dataclass(frozen=True)
class Access:
    """An access to originals, before it is recorded.

    Attributes
    ----------
    reason : str
    asked : str
        Kind of the request: ``patient``, ``pseudonym``, ``object`` or ``mapping``.
    asked_count, answered_count : int
        Requested pseudonyms, and those of them that were found.
    namespace : str
    key_ids : frozenset of str
        IDs of the keys of the answer; empty if nothing was found.
    pseudonym_hashes : frozenset of str
        See :func:`hash_concerned`.
    """

    reason: str
    asked: str
    asked_count: int
    answered_count: int
    namespace: str
    key_ids: frozenset[str]
    pseudonym_hashes: frozenset[str]


def hash_concerned(names: Pseudonyms, pseudonyms: Iterable[str]) -> set[str]:
    """Return the hashes by which the access log finds pseudonyms; empty ones have none."""
    return {hash_pseudonym(names, pseudonym) for pseudonym in set(pseudonyms) - {""}}


def find_restricted_folder(folder: str, store: str) -> Location:
    """Check that the store of the mapping exists, and return the restricted folder of its runs.

    The access log is in this folder. Runs with a mapping in DynamoDB write the table ``sources``
    there, by which it is recognized.

    Parameters
    ----------
    folder : str
        URI of ``--mapping`` or else ``--tables``.
    store : str
        Value of ``--mapping-store``.

    Raises
    ------
    UsageError
        If the store or the folder does not have the mapping of a run.
    JobError
        If it cannot be read.
    """
    table = find_table(store)
    if table is not None:
        table.check_design()
    return require_tables(folder, "mapping" if table is None else "sources")


def uses_aws(key: str, store: str, folders: Iterable[Location]) -> bool:
    """Return whether a service of AWS is used, and not only another store with the API of S3.

    Parameters
    ----------
    key, store : str
        Values of ``--key`` and ``--mapping-store``.
    folders : iterable of Location
    """
    if key.startswith("aws-") or store.startswith("dynamodb:"):
        return True
    return any(folder.on_s3 for folder in folders) and not has_foreign_endpoint()


class AccessRecorder:
    """Writer of entries about accesses by one caller.

    Parameters
    ----------
    tables : Tables
    append : AppendEntry
        Function that appends to the access log.
    with_aws : bool
        Whether AWS names the caller as well; see :func:`uses_aws`.
    restricted : Location
        Folder of the access log, and of the rules of the organisation if there are any.

    Raises
    ------
    JobError
        If AWS does not name the caller.
    UsageError
        If the rules are not valid.
    """

    def __init__(self, tables: Tables, append: AppendEntry, with_aws: bool, restricted: Location):
        self._tables = tables
        self._append = append
        self._caller = identify_caller(with_aws)
        self._restricted = restricted
        self._rules = _read_rules(restricted)

    def refuse_any_number(self, names: Pseudonyms, access: Access) -> None:
        """Record and refuse an access that the rules refuse for any number of pseudonyms.

        Call it before the look-up: no original is read for a caller who may not see one.

        Parameters
        ----------
        names : Pseudonyms
        access : Access
            Access without an answer.

        Raises
        ------
        JobError
            If the rules refuse the access, or a table cannot be read or changed.
        """
        if self._find_refusal(replace(access, asked_count=0)) is not None:
            self.record(names, access)

    def record(self, names: Pseudonyms, access: Access) -> None:
        """Append an access to the log, and its number and hash to ``reidentifications``.

        An access that the rules of the organisation refuse is recorded as well.

        Parameters
        ----------
        names : Pseudonyms
            Current key, which chains the entries.
        access : Access

        Raises
        ------
        JobError
            If a table cannot be read or changed, or the rules refuse the access.
        """
        refusal = self._find_refusal(access)
        if refusal is not None:
            access = replace(access, answered_count=0)
        entry = self._append(
            names,
            AccessRow(
                entry=0,
                accessed_at=datetime.now(timezone.utc),
                os_user=self._caller.os_user,
                aws_caller=self._caller.aws_caller,
                reason=access.reason,
                asked=access.asked,
                asked_count=access.asked_count,
                answered_count=access.answered_count,
                namespace=access.namespace,
                key_id=",".join(sorted(access.key_ids or {names.key_id})),
                pseudonym_hashes=sorted(access.pseudonym_hashes),
                software_version=VERSION,
                chain_key_id="",
                previous_hash="",
                entry_hash="",
                refusal=refusal,
            ),
        )
        self._tables.append_rows([make_record(entry)])
        log_event(
            "access_recorded",
            f"the access is entry {entry.entry} of the access log, hash {entry.entry_hash}",
            entry=entry.entry,
            entry_hash=entry.entry_hash,
        )
        if refusal is not None:
            raise JobError(
                f"the access was refused by {RULES_NAME} ({refusal}); ask the person who maintains "
                "these rules"
            )

    def _find_refusal(self, access: Access) -> Optional[str]:
        """Return why the rules of the organisation refuse an access; None if they allow it."""
        if self._rules is None:
            return None
        callers = (self._caller.os_user, self._caller.aws_caller)
        request = Request(callers, access.namespace, access.asked, access.asked_count)
        earlier = read_entries(self._restricted)
        return find_refusal(self._rules, request, earlier, datetime.now(timezone.utc))


def _read_rules(restricted: Location) -> Optional[tuple[AccessRule, ...]]:
    """Return the rules of the organisation; None if there are none.

    Raises
    ------
    UsageError
        If they cannot be read.
    """
    file = restricted.child(RULES_NAME)
    if not backend_of(file).describe_object(file).version:
        return None
    return parse_rules(read_text(file.uri))
