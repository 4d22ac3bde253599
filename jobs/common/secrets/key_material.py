"""Keys of one KEYREF, and the ciphers of the originals under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from jobs.common.secrets.key_ring import KeyRing, RingKey
from jobs.common.secrets.kms_envelope import DataKeys
from jobs.common.secrets.sealing_keys import SealingKey, derive_sealing_key
from jobs.common.secrets.value_cipher import ValueCipher
from safelight.pseudonyms import Pseudonyms


@dataclass(frozen=True)
class KeyMaterial:
    """Keys that a KEYREF refers to.

    Attributes
    ----------
    ring : KeyRing
        Keys of the secret.
    data_keys : DataKeys, optional
        Data keys of AWS KMS, which then seal the originals instead of the keys of the ring.
    previous : KeyRing, optional
        Keys of the previous version of a secret whose version the KEYREF does not name.
    follows_rotation : bool
        Whether the KEYREF is of a place on AWS that may get another content between two runs: a
        secret without a version, or an envelope.
    """

    ring: KeyRing
    data_keys: Optional[DataKeys] = None
    previous: Optional[KeyRing] = None
    follows_rotation: bool = False

    def pseudonym_keys(self) -> dict[str, bytes]:
        """Return all keys of pseudonyms by ID, the current one first."""
        rings = [self.ring, *([self.previous] if self.previous else [])]
        return {key.key_id: key.key for ring in rings for key in ring.pseudonym_keys}

    def sealing_key_ids(self) -> frozenset[str]:
        """Return the IDs of all keys that open originals; ``kms`` for data keys of AWS KMS."""
        keys = {key.key_id for key in self._all_keys()}
        return frozenset(keys | {"kms"} if self.data_keys is not None else keys)

    def _all_keys(self) -> list[RingKey]:
        rings = [self.ring, *([self.previous] if self.previous else [])]
        return [key for ring in rings for key in (*ring.sealing_keys, *ring.pseudonym_keys)]

    def make_sealing_key(self, names: Pseudonyms) -> SealingKey:
        """Return the key for the originals of a run.

        With AWS KMS this is a new data key. It is made by the driver, so that workers need no
        permission.

        Parameters
        ----------
        names : Pseudonyms
            Key of the pseudonyms, and namespace.

        Raises
        ------
        UsageError
            If AWS KMS makes no data key.
        """
        if self.data_keys is not None:
            return self.data_keys.make(names.namespace, names.key_id)
        if self.ring.sealing_keys:
            return derive_sealing_key(Pseudonyms(self.ring.sealing_keys[0].key, names.namespace))
        return derive_sealing_key(names)

    def open_cipher(self, names: Pseudonyms, current: Optional[SealingKey] = None) -> ValueCipher:
        """Return a cipher that opens values under all keys of the KEYREF.

        Parameters
        ----------
        names : Pseudonyms
            Key of the pseudonyms of the values, and namespace.
        current : SealingKey, optional
            Key of new values (default: derived from the key of the pseudonyms).
        """
        derived = (
            derive_sealing_key(Pseudonyms(entry.key, names.namespace)) for entry in self._all_keys()
        )
        by_header = {sealing.header: sealing.key for sealing in derived}

        def find_key(header: bytes) -> Optional[bytes]:
            if header in by_header or self.data_keys is None:
                return by_header.get(header)
            return self.data_keys.decrypt(header, names.namespace, names.key_id)

        return ValueCipher(names, current, find_key)
