"""Rotate keys: new sealing keys, and new keys of the pseudonyms on request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from jobs.common.cli.errors import UsageError
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_ring import KeyRing, make_key


def new_ring() -> KeyRing:
    """Return a key ring with a new key of the pseudonyms and a new sealing key."""
    return KeyRing((make_key(),), (make_key(),))


def rotate_ring(material: KeyMaterial, new_pseudonyms: bool, recorded: Collection[str]) -> KeyRing:
    """Return the key ring after a rotation. It has all keys that the KEYREF had.

    Parameters
    ----------
    material : KeyMaterial
        Keys before the rotation.
    new_pseudonyms : bool
        Add a new key of the pseudonyms.
    recorded : collection of str
        IDs of the keys of the tables, if they are known.

    Returns
    -------
    KeyRing
        Key ring with a new sealing key.

    Raises
    ------
    UsageError
        If the secret was replaced by another key, and the key of the tables is not known.
    """
    ring = _merge(material, recorded)
    if material.data_keys is None:
        ring = ring.with_sealing_key(make_key())
    return ring.with_pseudonym_key(make_key()) if new_pseudonyms else ring


def _merge(material: KeyMaterial, recorded: Collection[str]) -> KeyRing:
    """Return the key ring with the keys of the previous version of the secret.

    The key of the tables is the current one.
    """
    ring, previous = material.ring, material.previous
    if previous is None or ring.find(previous.key_id):
        return ring
    first, second = ring, previous
    if not any(ring.find(key_id) for key_id in recorded):
        if not any(previous.find(key_id) for key_id in recorded):
            raise UsageError(
                "the secret of --key was replaced by another key; give --tables, so that the key "
                "of the tables remains the current one"
            )
        first, second = previous, ring
    return replace(
        ring,
        pseudonym_keys=tuple(dict.fromkeys(first.pseudonym_keys + second.pseudonym_keys)),
        sealing_keys=tuple(dict.fromkeys(first.sealing_keys + second.sealing_keys)),
    )
