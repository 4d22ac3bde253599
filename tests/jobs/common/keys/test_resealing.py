from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.cli.errors import JobError
from jobs.common.keys.resealing import USAGE_COLUMNS, Resealer, Usage, count_usage
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_ring import KeyRing, RingKey, make_key
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from safelight.pseudonyms import Pseudonyms
from tests.jobs.common.keys.mapping_tables import NAMESPACE, add_originals, open_tables

KEY = bytes(range(40))
NAMES = Pseudonyms(KEY, NAMESPACE)
PAIR = ValueContext("patient_id", "12ab", "P1", "P1")
BEFORE = KeyMaterial(KeyRing((RingKey(KEY),)))
AFTER = KeyMaterial(BEFORE.ring.with_sealing_key(make_key()))


def test_an_original_is_sealed_again_once() -> None:
    sealed = ValueCipher(NAMES).encrypt(PAIR, "4711")
    resealer = Resealer(AFTER)
    again = resealer.reseal(NAMESPACE, NAMES.key_id, PAIR, sealed)
    assert again != sealed
    assert resealer.reseal(NAMESPACE, NAMES.key_id, PAIR, again) == again
    assert AFTER.open_cipher(NAMES).decrypt(PAIR, again) == "4711"
    with pytest.raises(JobError):
        BEFORE.open_cipher(NAMES).decrypt(PAIR, again)


def test_an_original_under_an_unknown_key_is_left_as_it_is() -> None:
    assert Resealer(AFTER).reseal(NAMESPACE, "0" * 16, PAIR, b"\x02...") == b"\x02..."


def test_originals_are_counted_by_key_without_opening_them(tmp_path: Path) -> None:
    add_originals(tmp_path, BEFORE, ["4711", "4712"])
    add_originals(tmp_path, AFTER, ["4713"])
    counts = count_usage(open_tables(tmp_path).batches("mapping", USAGE_COLUMNS))
    sealing_key = AFTER.ring.sealing_keys[0].key_id
    assert counts == {
        Usage(NAMESPACE, NAMES.key_id, NAMES.key_id): 2,
        Usage(NAMESPACE, NAMES.key_id, sealing_key): 1,
    }
