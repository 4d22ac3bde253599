"""Write the rows of the restricted tables: source URIs and encrypted original values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from jobs.common.delta.rows import MappingRow, SourceRow
from jobs.common.secrets.sealing_keys import SealingKey
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from jobs.common.spark.row_buffer import RowBuffer
from safelight.pseudonyms import Pseudonyms
from safelight.records import PseudonymMapping


class MappingRowWriter:
    """Add rows of ``sources`` and ``mapping`` to a buffer.

    Parameters
    ----------
    buffer : RowBuffer
    names : Pseudonyms
        Derives the keys of the encryption and of the hashes.
    run_id : str
    batch : int
    sealing_key : SealingKey, optional
        Key that encrypts the originals (default: derived from the key of ``names``).
    """

    def __init__(
        self,
        buffer: RowBuffer,
        names: Pseudonyms,
        run_id: str,
        batch: int,
        sealing_key: Optional[SealingKey] = None,
    ):
        self._buffer = buffer
        self._names = names
        self._run_id = run_id
        self._batch = batch
        self._cipher = ValueCipher(names, sealing_key)
        self._pairs: set[PseudonymMapping] = set()

    def add_source(self, source_id: str, uri: str, size: int, version: str) -> None:
        """Add the row of a source.

        Parameters
        ----------
        source_id : str
            Keyed hash of the URI and the version.
        uri : str
        size : int
            Bytes.
        version : str
        """
        self._buffer.add(
            SourceRow(
                first_run_id=self._run_id,
                batch=self._batch,
                source_id=source_id,
                source_uri=uri,
                source_bytes=size,
                source_version=version,
                namespace=self._names.namespace,
                key_id=self._names.key_id,
            )
        )

    def add_pairs(self, pairs: Iterable[PseudonymMapping]) -> None:
        """Add pairs, each once: all slices of a series have the same study and patient."""
        names = self._names
        for pair in pairs:
            if pair in self._pairs:
                continue
            self._pairs.add(pair)
            digest = names.hexdigest(f"mapping/{pair.kind}", pair.original)
            context = ValueContext(pair.kind, digest, pair.pseudonym, pair.patient_pseudonym)
            self._buffer.add(
                MappingRow(
                    first_run_id=self._run_id,
                    batch=self._batch,
                    namespace=names.namespace,
                    kind=pair.kind,
                    original_encrypted=self._cipher.encrypt(context, pair.original),
                    original_hmac=digest,
                    pseudonym=pair.pseudonym,
                    patient_pseudonym=pair.patient_pseudonym,
                    key_id=names.key_id,
                )
            )
