"""Append to a Delta table by the protocol itself: one Parquet file, one small commit file.

A commit by Spark takes seconds whatever its size, and its log store for S3 locks inside one
JVM only. Rows that the driver has are therefore written here: the commit is a conditional
write of ``_delta_log/<version>.json``, so that two writers can never take the same version.

source: https://github.com/delta-io/delta/blob/master/PROTOCOL.md (appends; writer version 2)
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.common import s3
from jobs.common.columns import delta_schema
from jobs.common.problems import JobFailure
from jobs.common.storage import Written, put, remove
from jobs.common.uris import Location
from safelight.version import VERSION

_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\..*parquet")

#: What a table may ask of its writers that a plain append satisfies.
_FEATURES = frozenset({"appendOnly", "invariants"})

#: Columns that are one value in a whole file, by which readers may skip it.
_CONSTANT = ("run_id", "first_run_id", "batch")

_KINDS = ("protocol", "metaData")

_TRIES = 10


@dataclass(frozen=True)
class _State:
    """A table as its log has it; version -1 if there is none."""

    version: int
    checkpoint: int = -1
    protocol: Optional[dict[str, Any]] = None
    metadata: Optional[dict[str, Any]] = None


class DeltaLog:
    """The log of one table.

    Parameters
    ----------
    place : Location
        The folder of the table.
    ddl : str
        Its columns.
    """

    def __init__(self, place: Location, ddl: str):
        self._place = place
        self._folder = place.child("_delta_log")
        self._ddl = ddl
        self._state = _State(-1)

    @property
    def exists(self) -> bool:
        """Whether the table is there."""
        if self._state.version < 0:
            self._state = self._read()
        return self._state.version >= 0

    @property
    def unread(self) -> int:
        """Commits since the last checkpoint: what a reader has to read one by one."""
        return self._state.version - max(self._state.checkpoint, 0)

    def takes_plain_appends(self) -> bool:
        """Whether the table is as this software makes it, not partitioned or with features.

        Raises
        ------
        JobFailure
            If it lacks a column, or has it with another type.
        """
        if not self.exists:
            return True
        protocol, metadata = self._state.protocol, self._state.metadata
        if protocol is None or metadata is None:
            raise JobFailure(f"the log of the Delta table {self._name} cannot be read")
        there = {f["name"]: f["type"] for f in json.loads(metadata["schemaString"])["fields"]}
        for field in delta_schema(self._ddl)["fields"]:
            if there.get(field["name"]) != field["type"]:
                raise JobFailure(
                    f"the table {self._name} is of another version of this software (column "
                    f"{field['name']}); give --tables a folder of its own"
                )
        features = protocol.get("writerFeatures") or ()
        plain = protocol["minWriterVersion"] <= 2 or (
            protocol["minWriterVersion"] == 7 and _FEATURES.issuperset(features)
        )
        return plain and not metadata.get("partitionColumns")

    def append(self, rows: pa.Table) -> None:
        """Add rows in one file and one commit."""
        path, add = self._write(rows)
        for _ in range(_TRIES):
            new = not self.exists
            if not self.takes_plain_appends():
                break
            version = self._state.version + 1
            actions = self._actions(add, len(rows), new)
            text = "\n".join(map(json.dumps, actions)) + "\n"
            place = self._folder.child(f"{version:020d}.json")
            if _put(place, text.encode()) is not Written.CONFLICT:
                found = {"protocol": self._state.protocol, "metaData": self._state.metadata}
                found = {kind: action for kind, action in found.items() if action}
                _keep_first(found, actions)
                self._state = _State(version, self._state.checkpoint, *map(found.get, _KINDS))
                return
            self._state = self._read()  # Spark has committed meanwhile, in this very process
        remove(path.uri)
        raise JobFailure(f"the Delta table {self._name} cannot be appended to; run again")

    @contextmanager
    def staged(self, rows: pa.Table) -> Iterator[str]:
        """The rows in a file of the table's folder that no commit speaks of, for the block."""
        path, _ = self._write(rows)
        try:
            yield path.uri
        finally:
            remove(path.uri)

    @property
    def _name(self) -> str:
        return self._place.path.rstrip("/").rpartition("/")[2]

    def _write(self, rows: pa.Table) -> tuple[Location, dict[str, Any]]:
        buffer = io.BytesIO()
        # No Arrow schema inside: readers would see dictionaries where strings are.
        pq.write_table(rows, buffer, store_schema=False)
        path = self._place.child(f"part-00000-{uuid4()}-c000.snappy.parquet")
        _put(path, buffer.getvalue())
        constant = {
            name: rows[name][0].as_py() for name in _CONSTANT if name in rows.column_names and rows
        }
        stats = {"numRecords": len(rows), "minValues": constant, "maxValues": constant}
        return path, {
            "path": path.path.rpartition("/")[2],
            "partitionValues": {},
            "size": buffer.tell(),
            "modificationTime": _now(),
            "dataChange": True,
            "stats": json.dumps(stats),
        }

    def _actions(self, add: dict[str, Any], count: int, new: bool) -> list[dict[str, Any]]:
        info = {
            "timestamp": _now(),
            "operation": "WRITE",
            "operationParameters": {"mode": "Append", "partitionBy": "[]"},
            "isolationLevel": "Serializable",
            "isBlindAppend": True,
            "operationMetrics": {
                "numFiles": "1", "numOutputRows": str(count), "numOutputBytes": str(add["size"]),
            },
            "engineInfo": f"Safelight/{VERSION}",
            "txnId": str(uuid4()),
        }  # fmt: skip
        actions: list[dict[str, Any]] = [{"commitInfo": info}]
        if new:
            metadata = {
                "id": str(uuid4()),
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps(delta_schema(self._ddl)),
                "partitionColumns": [],
                "configuration": {},
                "createdTime": _now(),
            }
            protocol = {"minReaderVersion": 1, "minWriterVersion": 2}
            actions += [{"protocol": protocol}, {"metaData": metadata}]
        return [*actions, {"add": add}]

    def _read(self) -> _State:
        """The newest version, and what its protocol and metadata are."""
        names = _names(self._folder)
        commits = {int(m[1]): m[0] for m in map(_COMMIT.fullmatch, names) if m}
        checkpoints: dict[int, list[str]] = {}
        for match in filter(None, map(_CHECKPOINT.fullmatch, names)):
            checkpoints.setdefault(int(match[1]), []).append(match[0])
        newest = max([*commits, *checkpoints], default=-1)
        found: dict[str, Any] = {}
        for version in range(newest, -1, -1):
            if version in commits:
                lines = _get(self._folder.child(commits[version])).decode().splitlines()
                _keep_first(found, map(json.loads, lines))
            if len(found) < 2 and version in checkpoints:
                for name in checkpoints[version]:
                    data = io.BytesIO(_get(self._folder.child(name)))
                    rows = pq.read_table(data, columns=["protocol", "metaData"])
                    _keep_first(found, rows.to_pylist())
            if len(found) == 2:
                break
        checkpoint = max(checkpoints, default=-1)
        return _State(newest, checkpoint, *map(found.get, _KINDS))


def _keep_first(found: dict[str, Any], actions: Iterable[dict[str, Any]]) -> None:
    for action in actions:
        for kind in _KINDS:
            if action.get(kind):
                found.setdefault(kind, action[kind])


def _now() -> int:
    return time.time_ns() // 1_000_000


def _put(place: Location, data: bytes) -> Written:
    sha256 = hashlib.sha256(data).hexdigest()
    return put(place.uri, data, sha256, content_type="application/octet-stream")


def _get(place: Location) -> bytes:
    if not place.on_s3:
        return Path(place.path).read_bytes()
    answer = s3.client().get_object(Bucket=place.bucket, Key=place.path)
    return bytes(answer["Body"].read())


def _names(folder: Location) -> list[str]:
    if not folder.on_s3:
        path = Path(folder.path)
        return [entry.name for entry in path.iterdir()] if path.is_dir() else []
    pages = s3.client().get_paginator("list_objects_v2")
    prefix = f"{folder.path}/"
    return [
        entry["Key"].removeprefix(prefix)
        for page in pages.paginate(Bucket=folder.bucket, Prefix=prefix)
        for entry in page.get("Contents", ())
    ]
