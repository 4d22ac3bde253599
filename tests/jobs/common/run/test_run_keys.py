"""Keys of a run: what the driver reads, and what it sends to the workers."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from jobs.cli import build_parser, main
from jobs.common.cli.errors import UsageError
from jobs.common.keys.rotation import new_ring
from jobs.common.run.run_config import prepare
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.secrets.key_references import parse_reference
from jobs.common.secrets.key_ring import KeyRing, make_key
from jobs.common.secrets.key_writer import create_keys
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from tests.faults.leak_hunt import spell_key
from tests.jobs.common.keys.mapping_tables import add_originals
from tests.jobs.common.secrets.conftest import kms_key
from tests.jobs.runs import no_session

__all__ = ["kms_key"]

PAIR = ValueContext("patient_id", "12ab", "P1", "P1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.dcm").write_bytes(b"1")
    return tmp_path


def prepare_run(folder: Path, key: str) -> DeidentifierConfig:
    given = build_parser().parse_args(
        ["deidentify", "--input", f"{folder}/in", "--output", f"{folder}/out"]
        + ["--tables", f"{folder}/tables", "--text", "off", "--pixels", "off", "--key", key]
    )
    return prepare(given, no_session).deidentifier


def test_workers_get_the_current_keys_of_the_run_and_no_other(folder: Path) -> None:
    ring = new_ring().with_pseudonym_key(make_key()).with_sealing_key(make_key())
    reference = f"file:{folder / 'key.json'}"
    create_keys(parse_reference(reference), ring)
    config = prepare_run(folder, reference)
    sent = pickle.dumps(config)
    assert config.sealing_key is not None
    assert ring.key in sent and config.sealing_key.key in sent
    kept = [key.key for key in (*ring.pseudonym_keys[1:], *ring.sealing_keys)]
    assert not any(spelling in sent for key in kept for spelling in spell_key(key))
    assert not any(one in repr(config).encode() for one in spell_key(ring.key))


def test_two_nights_of_an_envelope_have_one_key_and_two_data_keys(
    folder: Path, bucket: str, kms_key: str
) -> None:
    reference = f"aws-kms:s3://{bucket}/key.json"
    create_keys(parse_reference(reference), KeyRing((make_key(),)), kms_key)
    nights = [prepare_run(folder, reference) for _ in range(2)]
    first, second = (night.sealing_key for night in nights)
    assert first is not None and second is not None
    assert nights[0].key == nights[1].key and first.key != second.key
    names = nights[0].pseudonyms()
    cipher = read_key_material(reference).open_cipher(names)
    for sealing_key in (first, second):
        sealed = ValueCipher(names, sealing_key).encrypt(PAIR, "4711")
        assert cipher.decrypt(PAIR, sealed) == "4711"


def test_an_envelope_that_was_replaced_by_another_key_is_refused(
    folder: Path, bucket: str, kms_key: str
) -> None:
    places = [f"aws-kms:s3://{bucket}/{name}.json" for name in ("first", "second")]
    for place in places:
        create_keys(parse_reference(place), KeyRing((make_key(),)), kms_key)
    assert prepare_run(folder, places[0])
    add_originals(folder / "tables", read_key_material(places[0]), ["4711"])
    with pytest.raises(UsageError, match="all pseudonyms would change"):
        prepare_run(folder, places[1])


def test_an_envelope_that_was_rotated_keeps_the_pseudonyms(
    folder: Path, bucket: str, kms_key: str
) -> None:
    reference = f"aws-kms:s3://{bucket}/key.json"
    create_keys(parse_reference(reference), KeyRing((make_key(),)), kms_key)
    before = prepare_run(folder, reference)
    assert main(["keys", "rotate", "--key", reference]) == 0
    assert prepare_run(folder, reference).key == before.key
