"""Keep a key ring in a file that only a key of AWS KMS can decrypt, and make data keys of runs.

The file is an envelope: the key ring is encrypted with AES-256-GCM under a data key, and the data
key is encrypted by AWS KMS. Who holds the file alone learns nothing. All calls have an encryption
context, which AWS KMS authenticates and CloudTrail records, so a policy can grant the two purposes
apart: ``key-ring`` to the job, and decryption for ``mapping`` to the re-identifier only.

source: AWS KMS Developer Guide, "Encryption context" and "AWS KMS cryptography essentials"; AWS KMS
API Reference, GenerateDataKey and Decrypt.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jobs.common.aws.client_errors import describe_error
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.secrets.key_ring import KeyRing, parse_secret
from jobs.common.secrets.sealing_keys import SealingKey, encrypted_data_key, make_data_key

#: Value of ``format`` of an envelope.
ENVELOPE_FORMAT = "safelight-kms-envelope-1"

_APPLICATION = "safelight"
_NONCE_BYTES = 12
_OTHERWISE = "check the KMS key, its policy, its region and the encryption context"


@dataclass(frozen=True)
class Envelope:
    """Encrypted key ring.

    Attributes
    ----------
    kms_key : str
        ARN of the KMS key.
    context : dict
        Encryption context of the data key. It is not secret.
    encrypted_data_key : bytes
        Data key, encrypted by AWS KMS.
    encrypted_ring : bytes
        Nonce and key ring, encrypted under the data key.
    """

    kms_key: str
    context: Mapping[str, str]
    encrypted_data_key: bytes
    encrypted_ring: bytes

    def to_json(self) -> str:
        """Return the envelope as the text of a file."""
        content = {
            "format": ENVELOPE_FORMAT,
            "kms_key": self.kms_key,
            "encryption_context": dict(self.context),
            "encrypted_data_key": base64.b64encode(self.encrypted_data_key).decode(),
            "encrypted_key_ring": base64.b64encode(self.encrypted_ring).decode(),
        }
        return json.dumps(content, indent=1)


def parse_envelope(text: str) -> Envelope:
    """Return the envelope of a file.

    Raises
    ------
    UsageError
        If the file is not an envelope.
    """
    try:
        content = json.loads(text)
        known = content["format"] == ENVELOPE_FORMAT
        envelope = Envelope(
            str(content["kms_key"]),
            {str(name): str(value) for name, value in content["encryption_context"].items()},
            base64.b64decode(content["encrypted_data_key"], validate=True),
            base64.b64decode(content["encrypted_key_ring"], validate=True),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        known = False
    if not known:
        raise UsageError(
            "the file of aws-kms: is not an envelope of this version; create one with "
            "`safelight keys create`"
        )
    return envelope


def seal_ring(ring: KeyRing, kms_key: str) -> Envelope:
    """Encrypt a key ring under a new data key.

    Parameters
    ----------
    ring : KeyRing
        Key ring.
    kms_key : str
        ARN, ID or alias of the KMS key.

    Returns
    -------
    Envelope
        Encrypted key ring.

    Raises
    ------
    UsageError
        If AWS KMS makes no data key.
    """
    context = {"application": _APPLICATION, "purpose": "key-ring", "envelope": str(uuid4())}
    answer = _generate(kms_key, context)
    nonce = os.urandom(_NONCE_BYTES)
    cipher = AESGCM(answer["Plaintext"])
    encrypted = cipher.encrypt(nonce, ring.to_json().encode(), _encode(context))
    return Envelope(answer["KeyId"], context, answer["CiphertextBlob"], nonce + encrypted)


def open_ring(envelope: Envelope) -> KeyRing:
    """Decrypt the key ring of an envelope.

    Parameters
    ----------
    envelope : Envelope
        Encrypted key ring.

    Returns
    -------
    KeyRing
        Checked keys.

    Raises
    ------
    UsageError
        If AWS KMS does not decrypt the data key, or the envelope was changed.
    """
    key = _decrypt(envelope.kms_key, envelope.encrypted_data_key, envelope.context)
    nonce, body = (
        envelope.encrypted_ring[:_NONCE_BYTES],
        envelope.encrypted_ring[_NONCE_BYTES:],
    )
    try:
        text = AESGCM(key).decrypt(nonce, body, _encode(envelope.context))
    except (InvalidTag, ValueError):
        raise UsageError(
            "the envelope of aws-kms: was changed or is damaged; restore an earlier version of it"
        ) from None
    return parse_secret(text)


@dataclass(frozen=True)
class DataKeys:
    """Data keys of AWS KMS for the originals of ``mapping``, one per run.

    Attributes
    ----------
    kms_key : str
        ARN of the KMS key.
    """

    kms_key: str = field(repr=False)

    def make(self, namespace: str, key_id: str) -> SealingKey:
        """Return a new data key; each value that it seals has the encrypted data key.

        Parameters
        ----------
        namespace : str
            Namespace of the values.
        key_id : str
            ID of the key of the pseudonyms.

        Returns
        -------
        SealingKey
            Data key and its header.

        Raises
        ------
        UsageError
            If AWS KMS makes no data key.
        """
        answer = _generate(self.kms_key, _mapping_context(namespace, key_id))
        return make_data_key(answer["CiphertextBlob"], answer["Plaintext"])

    def decrypt(self, header: bytes, namespace: str, key_id: str) -> bytes | None:
        """Return the data key of a header; ``None`` if the header has none.

        Parameters
        ----------
        header : bytes
            Header of a sealed value.
        namespace : str
            Namespace of the value.
        key_id : str
            ID of the key of the pseudonyms.

        Returns
        -------
        bytes or None
            Data key of 32 bytes.

        Raises
        ------
        JobError
            If AWS KMS does not decrypt the data key.
        """
        encrypted = encrypted_data_key(header)
        if not encrypted:
            return None
        try:
            return _decrypt(self.kms_key, encrypted, _mapping_context(namespace, key_id))
        except UsageError as error:
            raise JobError(str(error)) from None


def _mapping_context(namespace: str, key_id: str) -> dict[str, str]:
    return {
        "application": _APPLICATION,
        "purpose": "mapping",
        "namespace": namespace,
        "key_id": key_id,
    }


def _generate(kms_key: str, context: Mapping[str, str]) -> Any:
    try:
        return _client(kms_key).generate_data_key(
            KeyId=kms_key, KeySpec="AES_256", EncryptionContext=dict(context)
        )
    except UsageError:
        raise
    except Exception as error:  # classes of botocore
        raise UsageError(describe_error("AWS KMS makes no data key", error, _OTHERWISE)) from None


def _decrypt(kms_key: str, encrypted_key: bytes, context: Mapping[str, str]) -> bytes:
    try:
        answer = _client(kms_key).decrypt(
            CiphertextBlob=encrypted_key, KeyId=kms_key, EncryptionContext=dict(context)
        )
    except UsageError:
        raise
    except Exception as error:  # classes of botocore
        sentence = "AWS KMS does not decrypt the data key"
        raise UsageError(describe_error(sentence, error, _OTHERWISE)) from None
    return bytes(answer["Plaintext"])


def _client(kms_key: str) -> Any:
    """Return the client in the region of an ARN, else in that of the environment."""
    match = re.match(r"arn:[^:]+:kms:([^:]+):", kms_key)
    return get_client("kms", match[1] if match else None)


def _encode(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(context), sort_keys=True).encode()
