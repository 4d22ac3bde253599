"""Rows of ``instances`` for the tests of committed output objects."""

from __future__ import annotations

import pyarrow as pa

from jobs.common.delta.tables.table_set import Tables

DONE = {"status": "deidentified", "rules_hash": "h"}


def append(tables: Tables, *contents: tuple[str, str, str]) -> None:
    """Append rows: new UID, checksum and status."""
    rows = [
        {"sop_uid": uid, "output_uri": f"/o/{uid}", "output_sha256": sha256, "status": status}
        for uid, sha256, status in contents
    ]
    tables.append_records("instances", [row | {"rules_hash": "h"} for row in rows])


def found(contents: pa.Table) -> set[tuple[str, str]]:
    """Return the UIDs and checksums of output objects."""
    assert contents.column_names == ["sop_uid", "output_uri", "output_sha256"]
    return set(zip(contents["sop_uid"].to_pylist(), contents["output_sha256"].to_pylist()))
