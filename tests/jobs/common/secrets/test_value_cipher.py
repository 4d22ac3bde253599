from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.cli.errors import JobError
from jobs.common.secrets.sealing_keys import SealingKey, derive_sealing_key, make_data_key
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from safelight.pseudonyms import Pseudonyms

KEY = bytes(range(32))
OTHER_KEY = bytes(range(32, 64))
PAIR = ValueContext("patient_id", "12ab", "P1", "P1")

#: Value 4711 of :data:`PAIR` as version 0.9 sealed it under :data:`KEY`.
WITHOUT_HEADER = bytes.fromhex("01000102030405060708090a0b7fe0db14aaf432981fd0e5d30ea18188535e1320")


@given(st.text(), st.sampled_from(["patient_id", "uid"]))
def test_an_encrypted_value_hides_and_returns_its_original(value: str, kind: str) -> None:
    cipher = ValueCipher(Pseudonyms(KEY))
    pair = replace(PAIR, kind=kind)
    sealed = cipher.encrypt(pair, value)
    assert cipher.decrypt(pair, sealed) == cipher.decrypt(pair, bytearray(sealed)) == value
    assert sealed != cipher.encrypt(pair, value)
    assert len(value) < 4 or value.encode() not in sealed


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        (Pseudonyms(KEY, "other"), PAIR),
        (Pseudonyms(OTHER_KEY), PAIR),
        (Pseudonyms(KEY), replace(PAIR, kind="accession")),
        (Pseudonyms(KEY), replace(PAIR, original_hmac="34cd")),
        (Pseudonyms(KEY), replace(PAIR, pseudonym="P2")),
        (Pseudonyms(KEY), replace(PAIR, patient_pseudonym="P2")),
    ],
)
def test_a_value_of_another_key_namespace_or_row_does_not_decrypt(
    names: Pseudonyms, pair: ValueContext
) -> None:
    sealed = ValueCipher(Pseudonyms(KEY)).encrypt(PAIR, "4711")
    with pytest.raises(JobError):
        ValueCipher(names).decrypt(pair, sealed)


def test_a_changed_byte_does_not_decrypt() -> None:
    cipher = ValueCipher(Pseudonyms(KEY))
    sealed = bytearray(cipher.encrypt(PAIR, "4711"))
    sealed[-1] ^= 1
    with pytest.raises(JobError):
        cipher.decrypt(PAIR, bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x09abc", b"\x02", b"\x02" + bytes(12), b"\x03\xff\xff"])
def test_a_damaged_value_is_an_error_of_the_run(sealed: bytes) -> None:
    with pytest.raises(JobError):
        ValueCipher(Pseudonyms(KEY)).decrypt(PAIR, sealed)


def test_a_value_of_an_earlier_version_opens() -> None:
    cipher = ValueCipher(Pseudonyms(KEY), derive_sealing_key(Pseudonyms(OTHER_KEY)))
    assert cipher.decrypt(PAIR, WITHOUT_HEADER) == "4711"
    assert not cipher.is_current(WITHOUT_HEADER)


def test_values_under_an_earlier_sealing_key_open_and_new_ones_use_the_current_key() -> None:
    names, earlier = Pseudonyms(KEY), derive_sealing_key(Pseudonyms(OTHER_KEY))
    current = make_data_key(b"encrypted", bytes(32))
    sealed = ValueCipher(names, earlier).encrypt(PAIR, "4711")
    cipher = ValueCipher(names, current, {earlier.header: earlier.key}.get)
    assert cipher.decrypt(PAIR, sealed) == "4711"
    assert not cipher.is_current(sealed)
    assert cipher.is_current(cipher.encrypt(PAIR, "4711"))


def test_a_value_under_a_key_that_is_missing_says_what_to_give() -> None:
    names = Pseudonyms(KEY)
    sealed = ValueCipher(names, derive_sealing_key(Pseudonyms(OTHER_KEY))).encrypt(PAIR, "4711")
    with pytest.raises(JobError, match="key ring or an envelope with the earlier keys"):
        ValueCipher(names).decrypt(PAIR, sealed)


def test_the_text_of_a_sealing_key_does_not_hold_the_key() -> None:
    key = SealingKey(b"\x02" + bytes(8), b"secret bytes of a sealing key...")
    assert "secret" not in repr(key)
