from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import Stubber

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
    with pytest.raises(UsageError, match="not an envelope of this version"):
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


ARN = "arn:aws:kms:eu-central-1:111122223333:key/1"


@pytest.fixture
def stubbed_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the client that calls for :data:`ARN` use. A server of tests enables every key."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    get_client.cache_clear()
    yield get_client("kms", "eu-central-1")
    get_client.cache_clear()


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("DisabledException", "enable the KMS key"),
        ("KMSInvalidStateException", "enable the KMS key"),
        ("AccessDeniedException", "grant the driver and the executors permission"),
        ("InvalidCiphertextException", "give the KMS key and the namespace"),
        ("NotFoundException", "check its name or ARN, and the region"),
        ("ThrottlingException", "run the same command again"),
    ],
)
def test_an_error_of_kms_says_what_to_do_and_hides_its_message(
    stubbed_client: Any, code: str, advice: str
) -> None:
    with Stubber(stubbed_client) as stubber:
        stubber.add_client_error("generate_data_key", code, "a message with values")
        with pytest.raises(UsageError, match=rf"\({code}\); {advice}") as raised:
            DataKeys(ARN).make("study-a", "0011")
    assert "values" not in str(raised.value)


def test_requests_have_the_key_the_length_and_the_context(stubbed_client: Any) -> None:
    context = {
        "application": "safelight",
        "purpose": "mapping",
        "namespace": "study-a",
        "key_id": "0011",
    }
    key, encrypted = bytes(range(32)), b"encrypted"
    with Stubber(stubbed_client) as stubber:
        stubber.add_response(
            "generate_data_key",
            {"KeyId": ARN, "Plaintext": key, "CiphertextBlob": encrypted},
            {"KeyId": ARN, "KeySpec": "AES_256", "EncryptionContext": context},
        )
        stubber.add_response(
            "decrypt",
            {"KeyId": ARN, "Plaintext": key},
            {"KeyId": ARN, "CiphertextBlob": encrypted, "EncryptionContext": context},
        )
        made = DataKeys(ARN).make("study-a", "0011")
        assert DataKeys(ARN).decrypt(made.header, "study-a", "0011") == made.key == key
        stubber.assert_no_pending_responses()
