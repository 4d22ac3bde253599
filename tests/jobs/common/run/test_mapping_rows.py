from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.delta.data_files import write_data_file
from jobs.common.delta.key_digests import split_digests
from jobs.common.delta.rows import MappingRow, SourceRow
from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from jobs.common.spark.row_buffer import RowBuffer
from jobs.common.storage.location import Location
from safelight.pseudonyms import Pseudonyms
from safelight.records import PseudonymMapping
from tests.jobs.conftest import KEY

NAMES = Pseudonyms(KEY)
PAIR = PseudonymMapping("patient_id", "4711", "P1", "P1")


@pytest.fixture
def buffer() -> RowBuffer:
    return RowBuffer([SourceRow, MappingRow])


def test_originals_are_encrypted(buffer: RowBuffer) -> None:
    MappingRowWriter(buffer, NAMES, "r1", 2).add_pairs([PAIR])
    (row,) = buffer.take_tables()["mapping"].to_pylist()
    assert b"4711" not in row["original_encrypted"] and "4711" not in row["original_hmac"]
    context = ValueContext("patient_id", row["original_hmac"], "P1", "P1")
    assert ValueCipher(NAMES).decrypt(context, row["original_encrypted"]) == "4711"
    assert (row["first_run_id"], row["batch"], row["pseudonym"]) == ("r1", 2, "P1")


def test_each_pair_is_written_once(buffer: RowBuffer) -> None:
    writer = MappingRowWriter(buffer, NAMES, "r1", 0)
    writer.add_pairs([PAIR, PAIR])
    writer.add_pairs([PAIR])
    assert len(buffer) == 1


def test_all_pseudonyms_of_an_original_are_kept(buffer: RowBuffer, tmp_path: Path) -> None:
    of_two_issuers = [PAIR, PseudonymMapping("patient_id", "4711", "P2", "P2")]
    of_two_patients = [PseudonymMapping("accession", "9", "A", patient) for patient in ("P1", "P2")]
    MappingRowWriter(buffer, NAMES, "r1", 0).add_pairs([*of_two_issuers, *of_two_patients])
    rows = buffer.take_tables()["mapping"]
    keys = write_data_file(Location("", str(tmp_path)), "mapping", rows, "a.parquet").keys
    assert keys is not None
    assert len(set(split_digests(keys).tolist())) == 4


def test_a_source_has_its_namespace_and_key(buffer: RowBuffer) -> None:
    MappingRowWriter(buffer, NAMES, "r1", 0).add_source("id", "/a", 3, "v")
    (row,) = buffer.take_tables()["sources"].to_pylist()
    assert (row["source_uri"], row["source_bytes"]) == ("/a", 3)
    assert (row["namespace"], row["key_id"]) == (NAMES.namespace, NAMES.key_id)
