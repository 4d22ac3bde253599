from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.cli.errors import JobError
from jobs.common.secrets.value_cipher import ValueCipher
from safelight.pseudonyms import Pseudonyms

KEY = bytes(range(32))


@given(st.text(), st.sampled_from(["patient_id", "uid"]))
def test_an_encrypted_value_hides_and_returns_its_original(value: str, kind: str) -> None:
    cipher = ValueCipher(Pseudonyms(KEY))
    sealed = cipher.encrypt(kind, value)
    assert cipher.decrypt(kind, sealed) == value
    assert sealed != cipher.encrypt(kind, value)
    assert len(value) < 4 or value.encode() not in sealed


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (Pseudonyms(KEY, "other"), "patient_id"),
        (Pseudonyms(bytes(32)), "patient_id"),
        (Pseudonyms(KEY), "accession"),
    ],
)
def test_another_key_namespace_or_kind_does_not_decrypt(names: Pseudonyms, kind: str) -> None:
    sealed = ValueCipher(Pseudonyms(KEY)).encrypt("patient_id", "4711")
    with pytest.raises(JobError):
        ValueCipher(names).decrypt(kind, sealed)


def test_a_changed_byte_does_not_decrypt() -> None:
    cipher = ValueCipher(Pseudonyms(KEY))
    sealed = bytearray(cipher.encrypt("patient_id", "4711"))
    sealed[-1] ^= 1
    with pytest.raises(JobError):
        cipher.decrypt("patient_id", bytes(sealed))
