"""Compare what two runs leave behind: objects, bytes and rows."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import boto3
from deltalake import DeltaTable

from jobs.common.secrets.key_provider import read_key
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from jobs.common.storage.location import parse_uri
from safelight.pseudonyms import Pseudonyms
from tests.faults.runs import Place

#: Tables whose rows follow from the input alone.
TABLES = (
    "sources", "mapping", "audit", "findings", "catalog", "instances", "annotations",
    "notes_findings", "notes", "note_files",
)  # fmt: skip

#: Table that is committed last, by sub-command.
LAST_TABLES = {"deidentify": "instances", "notes": "note_files"}

#: Columns that differ between two runs over the same input.
VOLATILE_COLUMNS = frozenset({"run_id", "first_run_id", "batch", "processed_at", "seconds"})


@dataclass
class Outcome:
    """Objects and rows that runs have left.

    Attributes
    ----------
    objects : dict
        SHA-256 of each object by its path below the output.
    rows : dict
        Rows of each table, with their number, without volatile columns.
    """

    objects: dict[str, str]
    rows: dict[str, Counter[str]]


def read_outcome(place: Place) -> Outcome:
    """Return what the runs of a place have left; mapped values are decrypted."""
    cipher = ValueCipher(Pseudonyms(read_key(place.key_file)))
    rows = {}
    for table in TABLES:
        rows[table] = Counter(_row(place, row, cipher) for row in read_table(place, table))
    objects = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in read_files(place, place.output)
        if not name.startswith("_")
    }
    return Outcome(objects, rows)


def _row(place: Place, row: dict[str, Any], cipher: ValueCipher) -> str:
    kept = {name: value for name, value in row.items() if name not in VOLATILE_COLUMNS}
    if "original_encrypted" in kept:
        kept["original"] = cipher.decrypt(_context(row), kept.pop("original_encrypted"))
    return json.dumps(kept, sort_keys=True, default=str).replace(place.uri, "")


def _context(row: dict[str, Any]) -> ValueContext:
    names = ("kind", "original_hmac", "pseudonym", "patient_pseudonym")
    return ValueContext(*(row[name] for name in names))


def read_table(place: Place, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table; none if it does not exist."""
    delta = open_table(place, table)
    return list(delta.to_pyarrow_table().to_pylist()) if delta else []


def open_table(place: Place, table: str) -> Optional[DeltaTable]:
    """Return a table, or nothing if it does not exist."""
    uri, options = f"{place.tables}/{table}", _storage_options(place)
    return (
        DeltaTable(uri, storage_options=options) if DeltaTable.is_deltatable(uri, options) else None
    )


def read_files(place: Place, folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files below a folder: their paths below it, and their bytes."""
    location = parse_uri(folder)
    if not location.on_s3:
        for path in sorted(Path(location.path).rglob("*")):
            if path.is_file():
                yield str(path.relative_to(location.path)), path.read_bytes()
        return
    client = s3_client(place.environment)
    prefix = f"{location.path}/"
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=location.bucket, Prefix=prefix)
    for page in pages:
        for entry in page.get("Contents", ()):
            body = client.get_object(Bucket=location.bucket, Key=entry["Key"])["Body"].read()
            yield entry["Key"].removeprefix(prefix), body


def s3_client(variables: Mapping[str, str]) -> Any:
    """Return a client of the server that environment variables name."""
    return boto3.Session().client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_DEFAULT_REGION"],
    )


def _storage_options(place: Place) -> dict[str, str]:
    if not parse_uri(place.uri).on_s3:
        return {}
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    options = {name: place.environment[name] for name in names}
    return options | {"AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true"}


def assert_equal(disturbed: Outcome, undisturbed: Outcome) -> None:
    """Compare objects, bytes and rows; say which differ."""
    assert disturbed.objects.keys() == undisturbed.objects.keys(), "other objects"
    assert disturbed.objects == undisturbed.objects, "other bytes"
    for table, expected in undisturbed.rows.items():
        found = disturbed.rows[table]
        lost, more = expected - found, found - expected
        assert not lost and not more, (
            f"{table}: {lost.total()} rows lost, {more.total()} doubled or changed\n"
            f"lost: {list(lost)[:3]}\nmore: {list(more)[:3]}"
        )


def assert_consistent(place: Place, left_by: str = "") -> None:
    """Check what must hold after a run that ended, whatever was before it.

    Every object has a row with its checksum and every row its object, no file is left half
    written, no data file of an uncommitted batch is left, no run is unfinished, and each run has
    one row.

    Parameters
    ----------
    place : Place
    left_by : str
        ID of a run whose workers may have written data files after another run had cleaned up.
        They are left to ``safelight tables optimize``.
    """
    stored = dict(read_files(place, place.output))
    assert not [name for name in stored if ".partial-" in name], "a partial file is left"
    checksums = {name: hashlib.sha256(data).hexdigest() for name, data in stored.items()}
    root = f"{place.output}/"
    rows = read_table(place, LAST_TABLES[place.job])
    assert {
        row["output_uri"].removeprefix(root): row["output_sha256"]
        for row in rows
        if row["output_uri"]
    } == checksums, "objects and rows differ"
    keys = {(row["source_id"], row.get("piece")) for row in rows}
    assert len(keys) == len(rows), "a source has two rows"
    runs = Counter(row["run_id"] for row in read_table(place, "runs"))
    assert set(runs.values()) == {1}, "a run has two rows"
    assert {row["run_id"] for row in rows} <= runs.keys(), "a run has no row"
    files = dict(read_files(place, place.tables))
    assert not [name for name in files if name.startswith("_unfinished/")], "an unfinished run"
    known = {table: _logged_files(files, table) for table in {n.split("/")[0] for n in files}}
    committed = tuple({f"{row['run_id']}-{row['batch']:06d}-" for row in rows})
    left = (*committed, f"{left_by}-") if left_by else committed
    orphans = [
        name
        for name in files
        if name.endswith(".parquet")
        and "/_delta_log/" not in name
        and name.partition("/")[2] not in known[name.split("/")[0]]
        # Attempts of tasks of committed batches are left to `safelight tables optimize`.
        and not name.partition("/")[2].startswith(left)
    ]
    assert not orphans, f"data files that no commit names: {orphans[:3]}"


def _logged_files(files: dict[str, bytes], table: str) -> set[str]:
    """Return the data files that any entry of the log of a table has added."""
    entries = (
        json.loads(line)
        for name, data in files.items()
        if name.startswith(f"{table}/_delta_log/") and name.endswith(".json")
        for line in data.splitlines()
    )
    return {entry["add"]["path"] for entry in entries if "add" in entry}
