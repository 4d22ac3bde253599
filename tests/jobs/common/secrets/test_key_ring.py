from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.cli.errors import UsageError
from jobs.common.secrets.key_ring import (
    KeyRing,
    RingKey,
    decode_secret,
    make_key,
    parse_secret,
)

KEY = bytes(range(40))
RING = KeyRing((RingKey(KEY, "2026-11-30T06:00:00+00:00"),), (make_key(), make_key()))


@pytest.mark.parametrize(
    "secret",
    [
        KEY.hex().encode(),
        KEY.hex().upper().encode() + b"\n",
        base64.b64encode(KEY),
        base64.urlsafe_b64encode(KEY) + b"\n",
        KEY,
    ],
)
def test_hex_base64_and_raw_give_the_same_key(secret: bytes) -> None:
    assert parse_secret(secret) == KeyRing((RingKey(KEY),))


def test_a_passphrase_is_used_unchanged() -> None:
    phrase = b"correct horse battery staple, and a few words more"
    assert decode_secret(phrase) == phrase


@pytest.mark.parametrize(
    "secret",
    [b'{"a raw key may begin with a brace', b'{"password": "as the console of AWS stores it"}'],
)
def test_a_secret_that_looks_like_json_is_a_raw_key_as_before(secret: bytes) -> None:
    assert parse_secret(secret).key == secret


def test_a_key_ring_keeps_its_order_in_json() -> None:
    assert parse_secret(RING.to_json().encode()) == RING


def test_new_keys_come_first_and_earlier_ones_are_kept() -> None:
    new = make_key()
    assert RING.with_sealing_key(new).sealing_keys == (new, *RING.sealing_keys)
    changed = RING.with_pseudonym_key(new)
    assert (changed.key, changed.find(RING.key_id)) == (new.key, RING.pseudonym_keys[0])


WEAK = {"id": "00" * 8, "created": "", "key": "00" * 32}


def _changed(**values: object) -> bytes:
    return json.dumps(json.loads(RING.to_json()) | values).encode()


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        (_changed(format="safelight-key-ring-9"), "unknown format"),
        (_changed(pseudonym_keys=[]), "damaged"),
        (_changed(pseudonym_keys=5), "damaged"),
        (_changed(sealing_keys=["text"]), "damaged"),
        (_changed(sealing_keys=[{"id": "00", "key": KEY.hex()}]), "damaged"),
        (_changed(sealing_keys=[{"id": "00", "key": "not hex"}]), "damaged"),
        (_changed(pseudonym_keys=[WEAK]), "not random"),
        (_changed(sealing_keys=[WEAK]), "not random"),
    ],
)
def test_an_unusable_key_ring_is_refused_without_its_keys(secret: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        parse_secret(secret)
    assert KEY.hex() not in str(raised.value)


@given(st.binary(min_size=32, max_size=80))
def test_a_secret_gives_a_key_or_a_usage_error(secret: bytes) -> None:
    try:
        assert parse_secret(secret).key
    except UsageError:
        pass


def test_the_text_of_a_key_ring_does_not_hold_keys() -> None:
    key = RingKey(b"secret bytes of a key, 32 or more of them")
    assert "secret" not in repr(KeyRing((key,), (key,)))
