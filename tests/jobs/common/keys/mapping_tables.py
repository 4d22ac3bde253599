"""Tables with originals under given keys, without a run."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jobs.common.delta.rows import MappingRow, RunRow, SourceRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.value_cipher import ValueContext
from jobs.common.spark.row_buffer import RowBuffer
from jobs.common.storage.location import parse_uri
from safelight.pseudonyms import Pseudonyms
from safelight.records import PseudonymMapping

NAMESPACE = "study-a"


def open_tables(folder: Path | str) -> Tables:
    """Return the tables of a folder."""
    return Tables(None, parse_uri(str(folder)))


def add_originals(folder: Path | str, material: KeyMaterial, originals: list[str]) -> None:
    """Add a run and the rows of ``mapping`` that it would write."""
    tables, names = open_tables(folder), Pseudonyms(material.ring.key, NAMESPACE)
    buffer = RowBuffer([SourceRow, MappingRow])
    writer = MappingRowWriter(buffer, names, "r1", 0, material.make_sealing_key(names))
    writer.add_pairs(
        PseudonymMapping("patient_id", original, names.patient(original).pseudonym, "P")
        for original in originals
    )
    tables.append_arrow("mapping", buffer.take_tables()["mapping"])
    run = RunRow(
        f"run-{originals[0]}",
        "deidentify",
        datetime.now(timezone.utc),
        parameters={"key_id": names.key_id},
    )
    tables.append_rows([run])


def read_rows(folder: Path | str) -> list[dict[str, Any]]:
    """Return the rows of ``mapping`` in the order of their hashes."""
    rows = open_tables(folder).rows("mapping", [field.name for field in fields(MappingRow)])
    return sorted(rows, key=lambda row: str(row["original_hmac"]))


def read_originals(folder: Path | str, material: KeyMaterial) -> list[str]:
    """Return the originals of ``mapping``, opened under the keys."""
    ciphers = {
        key_id: material.open_cipher(Pseudonyms(key, NAMESPACE))
        for key_id, key in material.pseudonym_keys().items()
    }
    return sorted(
        ciphers[row["key_id"]].decrypt(
            ValueContext(
                row["kind"], row["original_hmac"], row["pseudonym"], row["patient_pseudonym"]
            ),
            row["original_encrypted"],
        )
        for row in read_rows(folder)
    )
