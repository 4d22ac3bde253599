"""Items, rows and outputs of imports in tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from jobs.aws.healthimaging.imports.items import ImportItem
from jobs.common.delta.rows import InstanceRow, ReleaseRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.release.manifest import ManifestWriter
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import write_object
from tests.jobs.aws.dicom_files import make_dicom

MOMENT = datetime(2026, 1, 2, tzinfo=timezone.utc)


def make_tables(root: Location) -> Tables:
    return Tables(None, root)


def make_item(n: int, series: int = 1, size: int = 10, study: int = 1, **more: Any) -> ImportItem:
    values = {
        "study_uid": f"2.25.10{study}",
        "series_uid": f"2.25.20{series}",
        "sop_uid": f"2.25.30{n}",
        "uri": f"s3://clean/{n}.dcm",
        "sha256": "0" * 64,
        "size": size,
        "patient": "P-1",
    }
    return ImportItem(**(values | more))


def make_row(item: ImportItem, **more: Any) -> InstanceRow:
    """Return the row of ``instances`` of an object."""
    values: dict[str, Any] = dict(
        run_id="r1", batch=0, source_id=item.sop_uid, source_bytes=9, status="deidentified",
        reason_code="", reason="", output_uri=item.uri, output_bytes=item.size,
        output_sha256=item.sha256, sop_class_uid="", modality="CT", transfer_syntax_in="",
        transfer_syntax_out="", patient_pseudonym=item.patient, study_uid=item.study_uid,
        series_uid=item.series_uid, sop_uid=item.sop_uid, rules_hash="h", rules_name="research",
        namespace="default", key_id="k", stages="", output_root="", software_version="1",
        processed_at=MOMENT, seconds=0.1,
    )  # fmt: skip
    return InstanceRow(**(values | more))


def put_output(
    folder: str, n: int, series: int = 1, study: int = 1, patient: str = "P-1", **elements: Any
) -> ImportItem:
    """Write one de-identified object below a folder, and return it as it would be recorded."""
    item = make_item(n, series, study=study, patient=patient)
    data = make_dicom(item.sop_uid, item.series_uid, item.study_uid, patient_id=patient, **elements)
    sha256 = hashlib.sha256(data).hexdigest()
    location = parse_uri(folder).child(release_path(item))
    write_object(location.uri, data, sha256, replace=True)
    return make_item(n, series, len(data), study, patient=patient, uri=location.uri, sha256=sha256)


def release_path(item: ImportItem) -> str:
    """Return the path of an object below the folder of its release."""
    return f"{item.study_uid}/{item.series_uid}/{item.sop_uid}.dcm"


def write_manifest(path: Path, lines: Iterable[Sequence[object]]) -> str:
    """Write the manifest of a release and return its SHA-256."""
    with path.open("wb") as file:
        manifest = ManifestWriter(file)
        manifest.add(lines)
    return manifest.sha256


def write_release(
    tables: Tables,
    folder: Path,
    name: str,
    items: Sequence[ImportItem],
    recipient: Optional[str] = None,
) -> Path:
    """Write the manifest of a release, record it in ``releases``, and return its folder."""
    place = folder.joinpath("releases", *([recipient] if recipient else []), name)
    place.mkdir(parents=True, exist_ok=True)
    lines = [
        (
            release_path(one), one.sha256, one.size, "", "CT", one.patient, one.study_uid,
            one.series_uid, one.sop_uid,
        )
        for one in items
    ]  # fmt: skip
    sha256 = write_manifest(place / "manifest.csv", lines)
    tables.append_rows(
        [
            ReleaseRow(
                release=name,
                released_at=MOMENT,
                parameters={"output": str(place)},
                objects=len(items),
                bytes=1,
                manifest_sha256=sha256,
                software_version="1",
                recipient=recipient,
            )
        ]
    )
    return place
