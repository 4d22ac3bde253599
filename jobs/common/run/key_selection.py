"""Select the key of the pseudonyms of a run: it does not change with a rotated secret."""

from __future__ import annotations

from jobs.common.cli.errors import UsageError
from jobs.common.cli.log import log_event
from jobs.common.delta.recorded_keys import read_recorded_keys
from jobs.common.delta.tables.table_set import Tables
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.storage.location import Location


def select_key(material: KeyMaterial, tables: Tables, root: Location) -> bytes:
    """Return the current key, or that of the tables if the secret was replaced meanwhile.

    Only a KEYREF of a place on AWS whose content may change is compared with the tables. A key
    ring that has the key of the tables as an earlier one was changed on request.

    Parameters
    ----------
    material : KeyMaterial
        Keys of the KEYREF.
    tables : Tables
        Tables of the run.
    root : Location
        Folder of the tables.

    Returns
    -------
    bytes
        Key of the pseudonyms.

    Raises
    ------
    UsageError
        If the tables hold work of other keys than those of the secret.
    JobError
        If a table cannot be read.
    """
    ring, previous = material.ring, material.previous
    if not material.follows_rotation:
        return ring.key
    recorded = read_recorded_keys(tables, root)
    if not recorded or any(ring.find(key_id) for key_id in recorded):
        return ring.key
    pinned = previous and next(filter(None, map(previous.find, sorted(recorded))), None)
    if pinned is None:
        raise UsageError(
            "the place of --key holds another key than the one of --tables, so all pseudonyms "
            "would change; restore its earlier content. If other pseudonyms are intended, give "
            "another --tables, or name a version with --key aws-secretsmanager:NAME#VERSION"
        )
    log_event(
        "key_pinned",
        "the secret of --key was replaced by another key; this run uses the key of --tables, which "
        "the secret has as AWSPREVIOUS until it is replaced again; run `safelight keys rotate` to "
        "keep both keys in one key ring",
    )
    return pinned.key
