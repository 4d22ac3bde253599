"""Tables and outputs of de-identified objects for the tests of releases to recipients."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
from pydicom import dcmread

from jobs.cli import main
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import parse_uri
from safelight.headers.catalog import CATALOG_COLUMNS
from tests.releases.objects import make_object

NOW = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


def is_number(column: str) -> bool:
    """Return whether a column of `catalog` has floating-point numbers."""
    return bool(pa.types.is_floating(table_schema("catalog").field(column).type))


def write_outputs(
    place: Path,
    patients: Sequence[tuple[str, str]],
    run_id: str = "r1",
    verified: bool = True,
    rules_hash: str = "h" * 64,
    **more: str,
) -> None:
    """Write one object for each patient of a given age, and its rows."""
    instances, catalog = [], []
    for index, (patient, age) in enumerate(patients):
        ds = dcmread(io.BytesIO(make_object(patient)))
        ds.PatientAge = age
        for keyword, value in more.items():
            setattr(ds, keyword, value)
        buffer = io.BytesIO()
        ds.save_as(buffer)
        data = buffer.getvalue()
        path = place / "out" / ds.StudyInstanceUID / ds.SeriesInstanceUID
        path = path / f"{ds.SOPInstanceUID}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        common = {
            "run_id": run_id, "batch": 0, "source_id": f"{run_id}-{index}",
            "patient_pseudonym": patient, "study_uid": ds.StudyInstanceUID,
            "series_uid": ds.SeriesInstanceUID, "sop_uid": ds.SOPInstanceUID,
            "sop_class_uid": ds.SOPClassUID, "output_uri": str(path),
        }  # fmt: skip
        instances.append(
            common | {
                "status": "deidentified", "output_bytes": len(data),
                "output_sha256": hashlib.sha256(data).hexdigest(), "modality": "CT",
                "namespace": "default", "stages": "headers", "rules_name": "research",
                "rules_hash": rules_hash, "output_root": str(place / "out"), "processed_at": NOW,
            }
        )  # fmt: skip
        columns = {
            column: float(ds[tag].value) if is_number(column) else str(ds[tag].value)
            for tag, column in CATALOG_COLUMNS.items()
            if tag in ds and table_schema("catalog").field(column).type == pa.string()
        }
        catalog.append(common | columns)
    tables = Tables(None, parse_uri(f"{place}/tables"))
    tables.append_records("catalog", catalog)
    tables.append_records("instances", instances)
    if verified:
        mark_verified(place, [row["output_uri"] for row in instances])


def mark_verified(place: Path, uris: Iterable[str], outcome: str = "clean") -> None:
    """Record the outcome of a verification of outputs."""
    tables = Tables(None, parse_uri(f"{place}/tables"))
    at = datetime.now(timezone.utc)
    tables.append_records(
        "verification",
        [{"output_uri": uri, "outcome": outcome, "verified_at": at} for uri in uris],
    )


def export(place: Path, *arguments: str, name: str = "n1", recipient: str = "north") -> int:
    """Export to a recipient and return the exit code."""
    (place / "key.hex").write_text(bytes(range(32)).hex())
    return main(
        ["export", "--tables", f"{place}/tables", "--output", f"{place}/releases", "--release",
         name, "--recipient", recipient, "--key", f"file:{place}/key.hex", *arguments]
    )  # fmt: skip
