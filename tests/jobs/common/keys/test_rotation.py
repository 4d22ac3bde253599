from __future__ import annotations

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.keys.rotation import new_ring, rotate_ring
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_ring import KeyRing, RingKey, make_key
from jobs.common.secrets.kms_envelope import DataKeys

KEY = bytes(range(40))
PLAIN = KeyMaterial(KeyRing((RingKey(KEY),)))


def test_a_rotation_keeps_the_pseudonyms_and_all_keys() -> None:
    once = rotate_ring(PLAIN, False, ())
    twice = rotate_ring(KeyMaterial(once), False, ())
    assert once.pseudonym_keys == twice.pseudonym_keys == PLAIN.ring.pseudonym_keys
    assert (len(once.sealing_keys), twice.sealing_keys[1:]) == (1, once.sealing_keys)


def test_new_pseudonyms_are_made_on_request() -> None:
    ring = rotate_ring(PLAIN, True, ())
    assert ring.key != KEY
    assert ring.pseudonym_keys[1:] == PLAIN.ring.pseudonym_keys


def test_data_keys_of_kms_need_no_sealing_key() -> None:
    material = KeyMaterial(PLAIN.ring, DataKeys("alias/one"))
    assert rotate_ring(material, False, ()) == PLAIN.ring


def test_a_replaced_secret_becomes_a_key_ring_of_both_with_the_key_of_the_tables_first() -> None:
    foreign = KeyMaterial(KeyRing((make_key(),)), previous=PLAIN.ring, follows_rotation=True)
    ring = rotate_ring(foreign, False, {PLAIN.ring.key_id})
    assert ring.pseudonym_keys == (*PLAIN.ring.pseudonym_keys, *foreign.ring.pseudonym_keys)
    ring = rotate_ring(foreign, False, {foreign.ring.key_id})
    assert ring.pseudonym_keys == (*foreign.ring.pseudonym_keys, *PLAIN.ring.pseudonym_keys)


def test_a_replaced_secret_without_tables_is_refused() -> None:
    foreign = KeyMaterial(KeyRing((make_key(),)), previous=PLAIN.ring, follows_rotation=True)
    with pytest.raises(UsageError, match="give --tables"):
        rotate_ring(foreign, False, ())


def test_a_new_key_ring_has_two_different_keys() -> None:
    ring = new_ring()
    assert ring.pseudonym_keys[0].key != ring.sealing_keys[0].key
