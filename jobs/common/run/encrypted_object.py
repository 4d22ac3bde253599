"""Open the encrypted values of one object, and record the access."""

from __future__ import annotations

import os
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from jobs.common.cli.errors import UsageError
from jobs.common.secrets.key_references import ENVIRONMENT, SECRETS_MANAGER, parse_reference
from jobs.common.secrets.secrets_manager import read_secret
from jobs.common.storage.objects import read_bytes
from safelight.encrypted_object import EncryptedObject, open_encrypted_object
from safelight.encryption.envelope import EnvelopeError

#: Column names of the output.
COLUMNS = ("location", "keyword", "vr", "original")


def open_object(uri: str, key_reference: str) -> EncryptedObject:
    """Return the encrypted original values of an object. PHI.

    Parameters
    ----------
    uri : str
        Location of the object.
    key_reference : str
        Path or URI of a private key in PEM or DER, ``file:PATH``, ``env:NAME`` or
        ``aws-secretsmanager:NAME``.

    Raises
    ------
    UsageError
        If the object or the key cannot be read, or the key does not open the object.
    """
    private_key = read_private_key(key_reference)
    try:
        return open_encrypted_object(read_bytes(uri), private_key)
    except EnvelopeError as error:
        raise UsageError(f"--object: {error}") from None


def read_private_key(reference: str) -> RSAPrivateKey:
    """Return the RSA key that ``--certificate-key`` names; the message never holds it.

    Parameters
    ----------
    reference : str
        See :func:`open_object`.

    Raises
    ------
    UsageError
        If the key cannot be read, is encrypted with a password, or is not an RSA key.
    """
    data = _read_reference(reference)
    load: Callable[..., object] = (
        load_pem_private_key if b"-----BEGIN" in data else load_der_private_key
    )
    try:
        key = load(data, password=None)
    except TypeError:
        raise UsageError(
            "--certificate-key is encrypted with a password; decrypt it with openssl pkey first"
        ) from None
    except ValueError:
        raise UsageError("--certificate-key is not a private key in PEM or DER") from None
    if not isinstance(key, RSAPrivateKey):
        raise UsageError("--certificate-key is not an RSA key, as the recipients of rules have")
    return key


def _read_reference(reference: str) -> bytes:
    """Return the bytes that a reference names."""
    if reference.startswith(f"{ENVIRONMENT}:"):
        name = parse_reference(reference, "--certificate-key").name
        if name not in os.environ:
            raise UsageError(f"the environment variable {name} of --certificate-key is not set")
        return os.environ[name].encode()
    if reference.startswith(f"{SECRETS_MANAGER}:"):
        parsed = parse_reference(reference, "--certificate-key")
        return read_secret(parsed.name, parsed.version)
    if reference.startswith("file:") and not reference.startswith("file://"):
        reference = reference.removeprefix("file:")
    return read_bytes(reference)
