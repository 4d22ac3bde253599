"""Find the entries of the access log about a pseudonym."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jobs.common.access_log.entries import AccessRow, hash_pseudonym
from safelight.pseudonyms import Pseudonyms


def find_accesses(
    rows: Iterable[AccessRow], keys: Mapping[str, bytes], pseudonym: str
) -> list[AccessRow]:
    """Return the entries about a pseudonym, in the order of the log.

    An entry is about a patient if the patient pseudonym was requested, or any pseudonym of a value
    of this patient.

    Parameters
    ----------
    rows : iterable of AccessRow
    keys : mapping of str to bytes
        Keys of the pseudonyms by ID.
    pseudonym : str
        Pseudonym of a patient or of another entity, in any namespace of the log.
    """
    ordered = sorted(rows, key=lambda row: row.entry)
    hashes = {
        namespace: {hash_pseudonym(Pseudonyms(key, namespace), pseudonym) for key in keys.values()}
        for namespace in {row.namespace for row in ordered}
    }
    return [row for row in ordered if not hashes[row.namespace].isdisjoint(row.pseudonym_hashes)]
