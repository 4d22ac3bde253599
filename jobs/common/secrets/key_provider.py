"""Read the master key that a KEYREF refers to.

A KEYREF names a place of the key; the key itself is never an argument. To add a scheme, write a
reader and register it in ``_READERS``.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path

from jobs.common.cli.error_advice import add_advice
from jobs.common.cli.errors import UsageError
from safelight.pseudonyms import MINIMUM_KEY_BYTES


def _read_file(path: str) -> bytes:
    """Return the content of a key file."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"the key file {path} cannot be read: {error.strerror}") from None


def _read_environment(name: str) -> bytes:
    """Return the value of an environment variable."""
    value = os.environ.get(name)
    if value is None:
        raise UsageError(f"the environment variable {name} of --key is not set")
    return os.fsencode(value)


def _read_secrets_manager(name: str) -> bytes:
    """Return a secret of AWS Secrets Manager."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        secret = boto3.client("secretsmanager").get_secret_value(SecretId=name)
    except (BotoCoreError, ClientError) as error:
        code = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
        sentence = f"the secret {name} cannot be read from Secrets Manager"
        raise UsageError(add_advice(sentence, code)) from None
    binary = secret.get("SecretBinary")
    return bytes(binary) if binary is not None else str(secret["SecretString"]).encode()


#: Reader of each scheme of a KEYREF.
_READERS = {
    "file": _read_file,
    "env": _read_environment,
    "aws-secretsmanager": _read_secrets_manager,
}
_FORMS = "file:PATH, env:NAME or aws-secretsmanager:NAME"


def decode_secret(secret: bytes) -> bytes:
    """Decode a secret that is written as hex, as base64, or raw.

    Hex is tried first: 64 hex digits are a key of 32 bytes, not 64 raw bytes.
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
    """Return the master key that a KEYREF refers to.

    Parameters
    ----------
    reference : str
        KEYREF: ``file:PATH``, ``env:NAME`` or ``aws-secretsmanager:NAME``.

    Returns
    -------
    bytes
        Key of at least 32 bytes.

    Raises
    ------
    UsageError
        If the reference has another form, the secret is missing, or it has fewer than 32 bytes.
        The message never holds the secret.
    """
    kind, _, name = reference.partition(":")
    if kind not in _READERS or not name:
        raise UsageError(f"--key takes {_FORMS}, never the key itself")
    key = decode_secret(_READERS[kind](name))
    if len(key) < MINIMUM_KEY_BYTES:
        raise UsageError(
            f"the key of --key has {len(key)} bytes; "
            f"give one of at least {MINIMUM_KEY_BYTES}, such as 64 random hex digits"
        )
    return key
