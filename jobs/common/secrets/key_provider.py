"""Where the master key comes from: a KEYREF, never the key itself on a command line."""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path

from jobs.common.cli.errors import UsageError
from safelight.pseudonyms import MINIMUM_KEY_BYTES

_FORMS = "file:PATH, env:NAME or aws-secretsmanager:NAME"


def _from_file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"the key file {path} cannot be read: {error.strerror}") from None


def _from_environment(name: str) -> bytes:
    value = os.environ.get(name)
    if value is None:
        raise UsageError(f"the environment variable {name}, named by --key, is not set")
    return os.fsencode(value)


def _from_secrets_manager(name: str) -> bytes:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        secret = boto3.client("secretsmanager").get_secret_value(SecretId=name)
    except (BotoCoreError, ClientError) as error:
        code = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
        raise UsageError(f"Secrets Manager does not give the secret {name}: {code}") from None
    binary = secret.get("SecretBinary")
    return bytes(binary) if binary is not None else str(secret["SecretString"]).encode()


_READERS = {
    "file": _from_file,
    "env": _from_environment,
    "aws-secretsmanager": _from_secrets_manager,
}


def decode_secret(secret: bytes) -> bytes:
    """Bytes of a secret that is written as hex, as base64, or raw.

    Hex is tried first: 64 hex digits are a 32-byte key, not 64 raw bytes.
    """
    text = secret.strip()
    if re.fullmatch(rb"(?:[0-9A-Fa-f]{2})+", text):
        return bytes.fromhex(text.decode())
    if re.fullmatch(rb"[A-Za-z0-9+/_-]+={0,2}", text) and len(text) % 4 == 0:
        try:
            return base64.b64decode(text.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
        except binascii.Error:
            return secret
    return secret


def read_key(reference: str) -> bytes:
    """The master key that a KEYREF points to.

    Raises
    ------
    UsageError
        If the reference has another form, the secret is not there, or it has fewer than
        32 bytes. The message never holds the secret.
    """
    kind, _, name = reference.partition(":")
    if kind not in _READERS or not name:
        raise UsageError(f"--key takes {_FORMS}, never the key itself")
    key = decode_secret(_READERS[kind](name))
    if len(key) < MINIMUM_KEY_BYTES:
        raise UsageError(
            f"the key that --key names has {len(key)} bytes; "
            f"give one of at least {MINIMUM_KEY_BYTES}, such as 64 random hex digits"
        )
    return key
