from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.common.notes.delta_io import (
    MAX_EARLIER_VERSIONS,
    earlier_versions,
    folder_exists,
    is_delta_table,
    pack_rows,
    parts_folder,
    table_name,
    table_version,
)
from jobs.common.notes.piece_item import PieceItem
from jobs.common.run.worker import unpack_items
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.storage import s3_client
from jobs.common.storage.backend import Source
from jobs.common.storage.location import parse_uri
from tests.jobs.conftest import KEY

CONFIG = DeidentifierConfig(None, "h", KEY, "default", pixels=False, text=False)
TABLE = Source("/t", 10, "id-of-table-3")


def test_the_version_of_a_source_is_that_of_its_table() -> None:
    assert table_version(TABLE) == 3


def test_a_table_of_other_settings_has_another_name() -> None:
    names = {table_name("/t", CONFIG, fields_hash) for fields_hash in ("f", "f", "g")}
    assert len(names) == 2


def test_rows_of_a_table_are_kept_by_run() -> None:
    folder = parts_folder("r1", "s0", CONFIG.pseudonyms())
    assert folder.endswith("-r1") and "s0" not in folder


def test_earlier_versions_come_newest_first() -> None:
    versions = [source.version for source in earlier_versions(TABLE)]
    assert versions == ["id-of-table-2", "id-of-table-1", "id-of-table-0"]


def test_the_number_of_earlier_versions_is_limited() -> None:
    assert len(earlier_versions(Source("/t", 10, "id-5000"))) == MAX_EARLIER_VERSIONS


def test_a_local_delta_table_has_a_log(tmp_path: Path) -> None:
    (tmp_path / "t" / "_delta_log").mkdir(parents=True)
    assert is_delta_table(str(tmp_path / "t")) and not is_delta_table(str(tmp_path))


def test_a_delta_table_on_s3_has_a_log(bucket: str) -> None:
    s3_client.get_client().put_object(Bucket=bucket, Key="t/_delta_log/0.json", Body=b"{}")
    assert is_delta_table(f"s3://{bucket}/t") and not is_delta_table(f"s3://{bucket}/tt")
    assert folder_exists(parse_uri(f"s3://{bucket}/t"))


def test_rows_are_packed_with_the_numbers_of_their_first_rows() -> None:
    batches = [pa.RecordBatch.from_pydict({"text": texts}) for texts in (["a", "b"], ["c"])]
    items = list(unpack_items(PieceItem, pack_rows(TABLE, "s0")(batches)))
    assert [(item.piece, item.first_row, item.format) for item in items] == [
        (1, 1, "delta"), (2, 3, "delta"),
    ]  # fmt: skip
    assert pq.read_table(pa.BufferReader(items[0].data)).to_pydict() == {"text": ["a", "b"]}
