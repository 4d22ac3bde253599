"""Write the rows of the restricted tables: source URIs and encrypted original values."""

from __future__ import annotations

from collections.abc import Iterable

from jobs.common.delta.rows import MappingRow, SourceRow
from jobs.common.secrets.value_cipher import ValueCipher
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
    """

    def __init__(self, buffer: RowBuffer, names: Pseudonyms, run_id: str, batch: int):
        self._buffer = buffer
        self._names = names
        self._run_id = run_id
        self._batch = batch
        self._cipher = ValueCipher(names)
        self._pairs: set[tuple[str, str]] = set()

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
            if (pair.kind, pair.original) in self._pairs:
                continue
            self._pairs.add((pair.kind, pair.original))
            self._buffer.add(
                MappingRow(
                    first_run_id=self._run_id,
                    batch=self._batch,
                    namespace=names.namespace,
                    kind=pair.kind,
                    original_encrypted=self._cipher.encrypt(pair.kind, pair.original),
                    original_hmac=names.hexdigest(f"mapping/{pair.kind}", pair.original),
                    pseudonym=pair.pseudonym,
                    patient_pseudonym=pair.patient_pseudonym,
                    key_id=names.key_id,
                )
            )
