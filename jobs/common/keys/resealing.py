"""Seal originals of ``mapping`` again under the current key. No pseudonym and no hash changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.sealing_keys import describe_header, split_sealed
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from safelight.pseudonyms import Pseudonyms

#: Columns of ``mapping`` that identify and seal an original.
COLUMNS = (
    "namespace", "key_id", "kind", "original_hmac", "pseudonym", "patient_pseudonym",
    "original_encrypted",
)  # fmt: skip

#: Columns that :func:`count_usage` needs.
USAGE_COLUMNS = ("namespace", "key_id", "original_encrypted")

_BATCH_ROWS = 20_000


class Usage(NamedTuple):
    """Group of originals under one key.

    Attributes
    ----------
    namespace : str
        Namespace of the rows.
    key_id : str
        ID of the key of the pseudonyms.
    sealing_key : str
        ID of the sealing key, or ``kms`` for data keys of AWS KMS. It is ``key_id`` if the sealing
        key is derived from the key of the pseudonyms.
    """

    namespace: str
    key_id: str
    sealing_key: str


class Resealer:
    """Opens originals and seals them again.

    Parameters
    ----------
    material : KeyMaterial
        Current and earlier keys.
    """

    def __init__(self, material: KeyMaterial):
        self._material = material
        self._keys = material.pseudonym_keys()
        self._ciphers: dict[tuple[str, str], ValueCipher] = {}

    def reseal(self, namespace: str, key_id: str, context: ValueContext, sealed: bytes) -> bytes:
        """Return an original under the current key; the same bytes if it is already.

        Originals under a key of pseudonyms that the key ring lacks are returned as they are.

        Parameters
        ----------
        namespace : str
            Namespace of the row.
        key_id : str
            ID of the key of the pseudonyms.
        context : ValueContext
            Identity of the pair.
        sealed : bytes
            Sealed original.

        Returns
        -------
        bytes
            Sealed original.

        Raises
        ------
        JobError
            If the original cannot be opened.
        """
        if key_id not in self._keys:
            return sealed
        cipher = self._cipher(namespace, key_id)
        if cipher.is_current(sealed):
            return sealed
        return cipher.encrypt(context, cipher.decrypt(context, sealed))

    def reseal_rows(self, rows: pa.Table) -> pa.Table:
        """Return rows of ``mapping`` with their originals under the current key.

        Parameters
        ----------
        rows : pyarrow.Table
            Rows with all columns of the table.

        Returns
        -------
        pyarrow.Table
            The given table itself if no original was sealed again.

        Raises
        ------
        JobError
            If an original cannot be opened.
        """
        chunks, changed = [], False
        for batch in rows.select(COLUMNS).to_batches(_BATCH_ROWS):
            namespaces, key_ids, *identity, before = (c.to_pylist() for c in batch.columns)
            contexts = map(ValueContext, *identity)
            sealed = [*map(self.reseal, namespaces, key_ids, contexts, before)]
            changed |= sealed != before
            chunks.append(pa.array(sealed, pa.binary()))
        if not changed:
            return rows
        position = rows.column_names.index("original_encrypted")
        return rows.set_column(position, "original_encrypted", pa.chunked_array(chunks))

    def _cipher(self, namespace: str, key_id: str) -> ValueCipher:
        cipher = self._ciphers.get((namespace, key_id))
        if cipher is None:
            names = Pseudonyms(self._keys[key_id], namespace)
            cipher = self._material.open_cipher(names, self._material.make_sealing_key(names))
            self._ciphers[namespace, key_id] = cipher
        return cipher


def count_usage(batches: Iterable[pa.RecordBatch]) -> Counter[Usage]:
    """Count originals by the keys that sealed them. Nothing is opened.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        Rows with the columns ``namespace``, ``key_id`` and ``original_encrypted``.
    """
    counts: Counter[Usage] = Counter()
    for batch in batches:
        columns = (batch.column(name).to_pylist() for name in USAGE_COLUMNS)
        for namespace, key_id, sealed in zip(*columns, strict=True):
            sealing_key = describe_header(split_sealed(sealed)[0])
            own = sealing_key == "derived"
            counts[Usage(namespace, key_id, key_id if own else sealing_key)] += 1
    return counts
