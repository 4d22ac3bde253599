"""Outputs of a run on S3, and a data store that is empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.aws.healthimaging.imports.items import ImportItem
from jobs.cli import main
from jobs.common.aws.healthimaging_rates import FACTOR_VARIABLE, action_bucket
from jobs.common.storage.location import parse_uri
from tests.jobs.aws.healthimaging.items import make_row, make_tables, put_output
from tests.jobs.aws.healthimaging_store import DataStore
from tests.jobs.summaries import parse_summary

ROLE = "arn:aws:iam::123456789012:role/importer"


class ImportPlace:
    """A bucket with outputs and a staging folder, tables of a run, and a data store."""

    def __init__(self, bucket: str, folder: Path, datastore: DataStore):
        self.output = f"s3://{bucket}/out"
        self.staging = f"s3://{bucket}/staging"
        self.bucket = bucket
        self.tables_uri = str(folder / "tables")
        self.datastore = datastore
        self.items: list[ImportItem] = []

    def put(self, count: int, begin: int = 1, **more: Any) -> list[ImportItem]:
        """Write outputs, and record them in ``instances``."""
        items = [put_output(self.output, n, **more) for n in range(begin, begin + count)]
        self.tables.append_rows([make_row(item) for item in items])
        self.items += items
        return items

    @property
    def tables(self) -> Any:
        return make_tables(parse_uri(self.tables_uri))

    def command(self, name: str, *argv: str) -> list[str]:
        return [
            "healthimaging", name, "--tables", self.tables_uri,
            "--datastore", self.datastore.id, *argv,
        ]  # fmt: skip

    def run_import(self, *argv: str) -> int:
        """Run ``safelight healthimaging import``."""
        argv = ("--staging", self.staging, "--poll-seconds", "0.01", *argv)
        if "--stow" not in argv:
            argv = ("--role", ROLE, *argv)
        return main(self.command("import", *argv))

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the rows of ``imports`` by SOP Instance UID; each must have one."""
        columns = [
            "sop_uid", "status", "released", "gates", "warnings", "exception_type", "chunk",
            "job_id", "method", "image_set_id", "is_primary", "frame_check", "frames",
        ]  # fmt: skip
        found = list(self.tables.rows("imports", columns))
        assert len({row["sop_uid"] for row in found}) == len(found), "an instance is recorded twice"
        return {row["sop_uid"]: row for row in found}

    def stored(self) -> list[str]:
        """Return the SOP Instance UIDs of all image sets that are not deleted, sorted."""
        return sorted(
            uid
            for one in self.datastore.image_sets.values()
            if one.state != "DELETED"
            for uid in one.instances
        )


@pytest.fixture
def place(
    bucket: str, tmp_path: Path, datastore: DataStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ImportPlace]:
    monkeypatch.setenv(FACTOR_VARIABLE, "10000")
    action_bucket.cache_clear()
    yield ImportPlace(bucket, tmp_path, datastore)
    action_bucket.cache_clear()


@pytest.fixture
def last_line(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that reads the last line of stdout."""

    def read() -> dict[str, Any]:
        found = parse_summary(capsys.readouterr().out)
        return found

    return read
