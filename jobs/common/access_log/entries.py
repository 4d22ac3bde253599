"""Chain the entries of the access log by keyed hashes, and find entries that do not fit.

Each entry holds the hash of the entry before it, and its own hash is an HMAC over all its columns
under a subkey of the key of the pseudonyms. A user who can write the table but has no key cannot
create an entry. The chain alone does not show that its last entries were removed: their numbers and
hashes are recorded in the table ``reidentifications`` and in the log of each command as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import ClassVar, Optional

from jobs.common.delta.arrow_rows import Int32
from jobs.common.delta.rows import TableRow
from safelight.pseudonyms import Pseudonyms

#: Predecessor of the first entry.
FIRST_PREVIOUS_HASH = ""

#: Purposes of the subkeys; see :meth:`safelight.pseudonyms.Pseudonyms.digest`.
_CHAIN_PURPOSE = "access-log/chain/v1"
_PSEUDONYM_PURPOSE = "access-log/pseudonym/v1"


@dataclass(slots=True)
class AccessRow(TableRow):
    """An access to originals. Pseudonyms are keyed hashes; no original is recorded.

    ``answered_count`` counts the requested pseudonyms that were found. ``pseudonym_hashes`` has
    the requested pseudonyms, those of the answer, and those of the patients they belong to.
    ``refusal`` says why the rules of the organisation refused the access; it is null otherwise.
    """

    table: ClassVar[str] = "access_log"

    entry: int
    accessed_at: datetime
    os_user: str
    aws_caller: str
    reason: str
    asked: str
    asked_count: Int32
    answered_count: Int32
    namespace: str
    key_id: str
    pseudonym_hashes: list[str]
    software_version: str
    chain_key_id: str
    previous_hash: str
    entry_hash: str
    refusal: Optional[str] = None


@dataclass(frozen=True)
class Defect:
    """A place where the access log, or its record, is not what was written.

    Attributes
    ----------
    entry : int, optional
        Number of the entry, if it is known.
    kind : str
        ``changed``, ``missing``, ``repeated``, ``wrong_predecessor`` or ``unknown_key`` of an
        entry; ``record_differs`` or ``record_without_entry`` of a row of ``reidentifications``;
        ``damaged_file``.
    """

    entry: Optional[int]
    kind: str

    def __lt__(self, other: Defect) -> bool:
        """Order by entry; defects without a number come first."""
        return (self.entry or 0, self.kind) < (other.entry or 0, other.kind)


def hash_pseudonym(names: Pseudonyms, pseudonym: str) -> str:
    """Return the keyed hash by which the access log finds a pseudonym."""
    return names.digest(_PSEUDONYM_PURPOSE, pseudonym).hex()


def seal_entry(names: Pseudonyms, row: AccessRow, previous: Optional[AccessRow]) -> AccessRow:
    """Return an entry with its number and its hashes.

    Parameters
    ----------
    names : Pseudonyms
        Key of the chain, and the namespace of the entry.
    row : AccessRow
        Entry without them.
    previous : AccessRow, optional
        Last entry of the log; ``None`` for the first one.
    """
    chained = replace(
        row,
        entry=previous.entry + 1 if previous else 1,
        chain_key_id=names.key_id,
        previous_hash=previous.entry_hash if previous else FIRST_PREVIOUS_HASH,
    )
    return replace(chained, entry_hash=_hash_entry(names, chained))


def find_defects(
    rows: Iterable[AccessRow], keys: Mapping[str, bytes], witnessed: Mapping[int, str]
) -> list[Defect]:
    """Return where the log differs from the entries that were written.

    Parameters
    ----------
    rows : iterable of AccessRow
        All entries, in any order: a table has none. Their numbers give the order.
    keys : mapping of str to bytes
        Keys of the pseudonyms by ID.
    witnessed : mapping of int to str
        Hashes of entries, by number, that were recorded outside the log.
    """
    ordered = sorted(rows, key=lambda row: (row.entry, row.entry_hash))
    found = [*_find_broken_links(ordered)]
    names = _NamesByEntry(keys)
    for row in ordered:
        own = names.find(row)
        if own is None:
            found.append(Defect(row.entry, "unknown_key"))
        elif _hash_entry(own, row) != row.entry_hash:
            found.append(Defect(row.entry, "changed"))
    present = {row.entry: row.entry_hash for row in ordered}
    for entry, entry_hash in witnessed.items():
        if entry not in present:
            found.append(Defect(entry, "missing"))
        elif present[entry] != entry_hash:
            found.append(Defect(entry, "changed"))
    return sorted(set(found))


def _find_broken_links(ordered: Sequence[AccessRow]) -> Iterator[Defect]:
    """Yield gaps, repetitions and wrong predecessors."""
    expected, previous_hash = 1, FIRST_PREVIOUS_HASH
    for row in ordered:
        if row.entry < expected:
            yield Defect(row.entry, "repeated")
            continue
        if row.entry > expected:
            yield from (Defect(entry, "missing") for entry in {expected, row.entry - 1})
        elif row.previous_hash != previous_hash:
            yield Defect(row.entry, "wrong_predecessor")
        expected, previous_hash = row.entry + 1, row.entry_hash


class _NamesByEntry:
    """Derivations by the key and the namespace of an entry."""

    def __init__(self, keys: Mapping[str, bytes]):
        self._keys = keys
        self._names: dict[tuple[str, str], Pseudonyms] = {}

    def find(self, row: AccessRow) -> Optional[Pseudonyms]:
        """Return the derivations of an entry; ``None`` if its key is not known."""
        if row.chain_key_id not in self._keys:
            return None
        identity = (row.chain_key_id, row.namespace)
        if identity not in self._names:
            self._names[identity] = Pseudonyms(self._keys[row.chain_key_id], row.namespace)
        return self._names[identity]


def _hash_entry(names: Pseudonyms, row: AccessRow) -> str:
    """Return the HMAC over all columns of an entry except its own hash."""
    record = asdict(row)
    del record["entry_hash"]
    if row.refusal is None:  # entries of earlier versions have no such column
        del record["refusal"]
    record["accessed_at"] = row.accessed_at.isoformat(timespec="microseconds")
    content = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return names.digest(_CHAIN_PURPOSE, content).hex()
