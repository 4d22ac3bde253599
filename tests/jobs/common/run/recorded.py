"""Rows of earlier runs, written without Spark."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timezone
from typing import Any

from jobs.common.delta.rows import InstanceRow, NoteFileRow, RunRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.run_config import RunConfig

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def record_run(
    tables: Tables, config: RunConfig, run_id: str = "r1", complete: bool = True, **more: str
) -> None:
    """Add the row of a run; incomplete as earlier versions wrote it."""
    parameters = {"namespace": config.deidentifier.namespace, "pixels": "off", "text": "off"}
    if complete:
        parameters["key_id"] = config.deidentifier.pseudonyms().key_id
        parameters["output"] = config.output.uri
    parameters |= more
    rules_hash = config.deidentifier.rules_hash
    row = RunRow(run_id, "deidentify", NOW, NOW, "done", parameters, rules_hash)
    tables.append_rows([row])


def record_instance(tables: Tables, config: RunConfig, **values: Any) -> None:
    """Add a row of ``instances`` of the settings of a run."""
    output = config.output.child("a/b/c.dcm")
    tables.append_rows([InstanceRow(**_row(InstanceRow, config, output_uri=output.uri) | values)])


def record_note_file(tables: Tables, config: RunConfig, **values: Any) -> None:
    """Add a row of ``note_files`` of the settings of a run."""
    output = config.output.child("a.csv")
    row = _row(NoteFileRow, config, output_uri=output.uri, format="csv")
    tables.append_rows([NoteFileRow(**row | values)])


def _row(row_type: type, config: RunConfig, **values: Any) -> dict[str, Any]:
    """Return the columns of a row of the settings of a run, for an output of three bytes."""
    kinds = {"int": 0, "Int32": 0, "float": 0.0, "datetime": NOW}
    row = {field.name: kinds.get(str(field.type), "") for field in fields(row_type)}
    row |= {
        "run_id": "r1",
        "source_id": "s1",
        "status": "deidentified",
        "output_bytes": 3,
        "key_id": config.deidentifier.pseudonyms().key_id,
        "namespace": config.deidentifier.namespace,
        "rules_hash": config.deidentifier.rules_hash,
        "stages": config.deidentifier.stages,
        "output_root": config.output.uri,
    }
    return row | values
