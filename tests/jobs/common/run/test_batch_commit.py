from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from jobs.common.delta.arrow_rows import encode_rows
from jobs.common.delta.data_files import data_file_name, write_data_file
from jobs.common.delta.rows import AuditRow, CatalogRow, InstanceRow, SourceRow
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.images.plugin import ImagePlugin
from jobs.common.observe.observer import Observer
from jobs.common.run import file_edits
from jobs.common.run.batch_commit import BatchCommitter
from jobs.common.run.batch_processing import BatchProcessor, ProcessedBatch
from jobs.common.run.duplicates import SAME_CONTENT, OutputClaim
from jobs.common.run.task_recorder import encode_claims
from jobs.common.run.work_items import BatchContext, OutcomeCount, TaskReport
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.spark.row_buffer import InstanceKey, RowBuffer
from safelight.records import Action
from tests.jobs.fake_deidentifier import FakeDeidentifier
from tests.jobs.runs import fake_config, make_run_config

ACTION = Action("(0010,0010)", "PatientName", "PN", "replace", "E.1-1 Z")
PLUGIN = ImagePlugin(FakeDeidentifier)


class Committing:
    """A committer and the tables that it writes."""

    def __init__(self, spark: Any, place: Path):
        (place / "in").mkdir()
        self.config = make_run_config(place)
        self.tables = Tables(spark, self.config.tables)
        processor = BatchProcessor(self.tables, self.config, PLUGIN, Observer("tests"))
        self._committer = BatchCommitter(self.tables, self.config, PLUGIN, processor)
        self._batch = 0

    def commit(self, *tasks: tuple[int, str, str]) -> Any:
        """Commit a batch with one object per task: position, SOP Instance UID, content."""
        root = self.config.tables.uri
        context = BatchContext(
            fake_config(), self.config.output.uri, root, root, "r1", self._batch, "fake",
            ObjectLimits(),
        )  # fmt: skip
        reports = [self._report(*task) for task in tasks]
        self._batch += 1
        return self._committer.commit(ProcessedBatch(context, reports, ()))

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        found = self.tables.rows(table, columns, None)
        return sorted(tuple(row.values()) for row in found)

    def _report(self, position: int, sop_uid: str, content: str) -> TaskReport:
        source_id, uri = f"s{position}", f"{self.config.output.uri}/{sop_uid}.dcm"
        values = dict.fromkeys(table_schema("instances").names)
        values |= {
            "run_id": "r1", "batch": self._batch, "source_id": source_id,
            "status": "deidentified", "reason_code": "", "reason": "", "sop_uid": sop_uid,
            "output_uri": uri, "output_sha256": content, "output_root": self.config.output.uri,
            "rules_hash": fake_config().rules_hash, "stages": fake_config().stages,
        }  # fmt: skip
        buffer = RowBuffer([SourceRow, AuditRow, CatalogRow, InstanceRow])
        buffer.add(InstanceRow(**values))
        buffer.add(SourceRow("r1", self._batch, source_id, "/a", 1, "v", "default", "k"))
        buffer.add(CatalogRow("r1", self._batch, source_id, "p", "1", "2", sop_uid, "3", uri))
        buffer.add_actions(InstanceKey("r1", self._batch, source_id, sop_uid), [ACTION])
        files = [
            write_data_file(
                self.tables.location(table), table, rows,
                data_file_name("r1", self._batch, position),
            )
            for table, rows in buffer.take_tables().items()
        ]  # fmt: skip
        claim = OutputClaim(position, source_id, sop_uid, uri, content, 7, "new")
        outcomes = [OutcomeCount("deidentified", "", 1)]
        return TaskReport(files, encode_claims([claim]), 1, outcomes, [], 10, 7, 0.1)


@pytest.fixture
def committing(spark: Any, tmp_path: Path) -> Committing:
    return Committing(spark, tmp_path)


@pytest.fixture(params=["driver", "cluster"])
def edits_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rows be changed in the driver or in the cluster."""
    if request.param == "cluster":
        monkeypatch.setattr(file_edits, "DRIVER_MAX_ROWS", 0)


@pytest.mark.usefixtures("edits_in")
def test_a_source_with_other_content_is_refused_without_details(committing: Committing) -> None:
    totals = committing.commit((0, "1.1", "x"), (1, "1.1", "y"))
    assert committing.rows("instances", "source_id", "status", "reason_code", "output_uri") == [
        ("s0", "deidentified", "", f"{committing.config.output.uri}/1.1.dcm"),
        ("s1", "quarantined", "duplicate_instance", None),
    ]
    assert committing.rows("audit", "source_id") == committing.rows("catalog", "source_id")
    assert committing.rows("audit", "source_id") == [("s0",)]
    counts = totals.counts
    assert counts.outcomes == {
        ("deidentified", ""): 1,
        ("quarantined", "duplicate_instance"): 1,
    }
    assert (counts.objects, counts.bytes_in, counts.bytes_out) == (2, 20, 7)


def test_a_source_with_the_same_content_names_its_reason(committing: Committing) -> None:
    totals = committing.commit((0, "1.1", "x"), (1, "1.1", "x"))
    assert committing.rows("instances", "source_id", "reason") == [("s0", ""), ("s1", SAME_CONTENT)]
    assert committing.rows("catalog", "source_id") == [("s0",)]
    assert len(committing.rows("audit", "source_id")) == 2
    assert totals.counts.bytes_out == 7


@pytest.mark.usefixtures("edits_in")
def test_a_known_source_is_not_added_again(committing: Committing) -> None:
    committing.commit((0, "1.1", "x"))
    committing.commit((0, "1.3", "z"), (1, "1.4", "z"))
    assert committing.rows("sources", "source_id") == [("s0",), ("s1",)]


def test_content_of_an_earlier_batch_wins(committing: Committing) -> None:
    committing.commit((5, "1.1", "x"))
    committing.commit((0, "1.1", "y"), (1, "1.1", "x"))
    assert committing.rows("instances", "source_id", "reason_code") == [
        ("s0", "duplicate_instance"), ("s1", ""), ("s5", ""),
    ]  # fmt: skip


def test_files_that_were_replaced_are_deleted(committing: Committing, tmp_path: Path) -> None:
    committing.commit((0, "1.1", "x"), (1, "1.1", "y"))
    for table in ("instances", "audit", "catalog", "sources"):
        stored = {path.name for path in (tmp_path / "tables" / table).glob("*.parquet")}
        assert stored == {
            uri.rpartition("/")[2] for uri in DeltaTable(committing.tables.path(table)).file_uris()
        }


def test_claims_survive_their_encoding() -> None:
    claim = OutputClaim(3, "s", "1.2", "/out/a.dcm", "ff", 9, "same")
    assert encode_rows(OutputClaim, [claim]).to_pylist()[0]["written"] == "same"
