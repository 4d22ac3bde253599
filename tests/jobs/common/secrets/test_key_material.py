from __future__ import annotations

import pytest

from jobs.common.cli.errors import JobError
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_ring import KeyRing, RingKey, make_key
from jobs.common.secrets.kms_envelope import DataKeys
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from safelight.pseudonyms import Pseudonyms

KEY = bytes(range(40))
NAMES = Pseudonyms(KEY, "study-a")
PAIR = ValueContext("patient_id", "12ab", "P1", "P1")
PLAIN = KeyMaterial(KeyRing((RingKey(KEY),)))


def seal(material: KeyMaterial) -> bytes:
    return ValueCipher(NAMES, material.make_sealing_key(NAMES)).encrypt(PAIR, "4711")


def test_values_of_one_key_open_after_a_sealing_key_was_added() -> None:
    rotated = KeyMaterial(PLAIN.ring.with_sealing_key(make_key()))
    again = KeyMaterial(rotated.ring.with_sealing_key(make_key()))
    for material in (PLAIN, rotated, again):
        assert again.open_cipher(NAMES).decrypt(PAIR, seal(material)) == "4711"


def test_a_key_ring_without_the_key_of_a_value_does_not_open_it() -> None:
    other = KeyMaterial(PLAIN.ring.with_sealing_key(make_key()))
    with pytest.raises(JobError, match="earlier keys"):
        PLAIN.open_cipher(NAMES).decrypt(PAIR, seal(other))


def test_values_of_two_runs_open_under_their_data_keys(kms_key: str) -> None:
    material = KeyMaterial(PLAIN.ring, DataKeys(kms_key))
    first, second = seal(material), seal(material)
    cipher = material.open_cipher(NAMES)
    assert [cipher.decrypt(PAIR, value) for value in (first, second, seal(PLAIN))] == ["4711"] * 3
    with pytest.raises(JobError, match="earlier keys"):
        PLAIN.open_cipher(NAMES).decrypt(PAIR, first)


def test_the_keys_of_the_previous_version_open_its_values() -> None:
    old = KeyMaterial(KeyRing((RingKey(KEY),), (make_key(),)))
    new = KeyMaterial(KeyRing((make_key(),)), previous=old.ring)
    assert new.open_cipher(NAMES).decrypt(PAIR, seal(old)) == "4711"
