from __future__ import annotations

import json
from dataclasses import replace

import pytest

from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.secrets.key_ring import KeyRing, RingKey
from jobs.common.secrets.kms_envelope import DataKeys, open_ring, parse_envelope, seal_ring

KEY = bytes(range(40))
RING = KeyRing((RingKey(KEY),))


def test_an_envelope_opens_and_hides_the_key(kms_key: str) -> None:
    text = seal_ring(RING, kms_key).to_json()
    assert open_ring(parse_envelope(text)) == RING
    assert KEY.hex() not in text and json.loads(text)["kms_key"] == kms_key


def test_an_envelope_with_another_context_does_not_open(kms_key: str) -> None:
    envelope = seal_ring(RING, kms_key)
    with pytest.raises(UsageError, match="AWS KMS does not decrypt the data key"):
        open_ring(replace(envelope, context={**envelope.context, "envelope": "other"}))


def test_a_changed_envelope_does_not_open(kms_key: str) -> None:
    envelope = seal_ring(RING, kms_key)
    changed = bytearray(envelope.encrypted_ring)
    changed[-1] ^= 1
    with pytest.raises(UsageError, match="was changed or is damaged"):
        open_ring(replace(envelope, encrypted_ring=bytes(changed)))


def test_a_missing_kms_key_says_what_to_check(kms_key: str) -> None:
    with pytest.raises(UsageError, match=r"makes no data key \(NotFoundException\); check"):
        seal_ring(RING, "alias/absent")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}'])
def test_another_file_is_no_envelope(text: str) -> None:
    with pytest.raises(UsageError, match="no envelope of this version"):
        parse_envelope(text)


def test_a_data_key_opens_in_its_own_namespace_only(kms_key: str) -> None:
    keys = DataKeys(kms_key)
    made = keys.make("study-a", "0011")
    assert made.key not in made.header and made.key_id == "kms"
    assert keys.decrypt(made.header, "study-a", "0011") == made.key
    assert keys.decrypt(b"\x02" + bytes(8), "study-a", "0011") is None
    for namespace, key_id in (("study-b", "0011"), ("study-a", "0022")):
        with pytest.raises(JobError, match="does not decrypt"):
            keys.decrypt(made.header, namespace, key_id)


def test_a_call_has_no_plain_key_and_a_context_without_phi(kms_key: str) -> None:
    client = get_client("kms", "us-east-1")
    calls: list[dict[str, object]] = []
    client.meta.events.register(
        "provide-client-params.kms.*", lambda params, **_: calls.append(dict(params))
    )
    DataKeys(kms_key).make("study-a", "0011")
    seal_ring(RING, kms_key)
    contexts = [call["EncryptionContext"] for call in calls]
    assert [sorted(context) for context in contexts if isinstance(context, dict)] == [
        ["application", "key_id", "namespace", "purpose"],
        ["application", "envelope", "purpose"],
    ]
    assert not any("Plaintext" in call for call in calls)
