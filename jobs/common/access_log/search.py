"""Find the entries of the access log about a pseudonym."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from jobs.common.access_log.entries import AccessRow, hash_pseudonym
from safelight.headers.patient_identity import make_patient_identity
from safelight.pseudonyms import Pseudonyms


def find_accesses(
    rows: Iterable[AccessRow], keys: Mapping[str, bytes], pseudonyms: Collection[str]
) -> list[AccessRow]:
    """Return the entries about one of some pseudonyms, in the order of the log.

    An entry is about a patient if the patient pseudonym was requested, or any pseudonym of a value
    of this patient.

    Parameters
    ----------
    rows : iterable of AccessRow
    keys : mapping of str to bytes
        Keys of the pseudonyms by ID.
    pseudonyms : collection of str
        Pseudonyms of a patient or of another entity, in any namespace of the log.
    """
    ordered = sorted(rows, key=lambda row: row.entry)
    hashes = {
        namespace: {
            hash_pseudonym(names, pseudonym)
            for names in (Pseudonyms(key, namespace) for key in keys.values())
            for pseudonym in pseudonyms
        }
        for namespace in {row.namespace for row in ordered}
    }
    return [row for row in ordered if not hashes[row.namespace].isdisjoint(row.pseudonym_hashes)]


def derive_pseudonyms(
    original: str,
    issuer: str,
    namespaces: Iterable[str],
    keys: Mapping[str, bytes],
    known: Collection[str],
) -> list[str]:
    """Return the pseudonyms of a patient, derived from the original Patient ID.

    Parameters
    ----------
    original, issuer : str
        Original Patient ID, and Issuer of Patient ID or an empty text. PHI.
    namespaces : iterable of str
    keys : mapping of str to bytes
        Keys of the pseudonyms by ID.
    known : collection of str
        Pseudonyms of the tables, of which those with a prefix of the rules are found.
    """
    identity = make_patient_identity(original, issuer)
    derived = {
        Pseudonyms(key, namespace).patient(identity).pseudonym
        for namespace in namespaces
        for key in keys.values()
    }
    prefixed = {one for one in known if any(one.endswith(end) for end in derived)}
    return sorted(derived | prefixed)
