"""Write key rings to the places of KEYREFs. A key is never printed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Optional
from uuid import uuid4

from jobs.common.aws.client_errors import describe_error
from jobs.common.cli.errors import UsageError
from jobs.common.secrets import key_references as refs
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.secrets.key_references import KeyReference
from jobs.common.secrets.key_ring import KeyRing
from jobs.common.secrets.kms_envelope import parse_envelope, seal_ring
from jobs.common.secrets.secrets_manager import create_secret, replace_secret
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_text, write_object, write_text

_OTHERWISE = "check its name and the permissions"


def create_keys(reference: KeyReference, ring: KeyRing, kms_key: Optional[str] = None) -> None:
    """Write a key ring to a new file, secret or envelope.

    Parameters
    ----------
    reference : KeyReference
        Place of the key ring. It must not exist.
    ring : KeyRing
        Keys.
    kms_key : str, optional
        KMS key of an envelope, or of a secret (default: that of the account).

    Raises
    ------
    UsageError
        If the place exists, cannot be written, or holds no key ring.
    """
    if reference.scheme == refs.FILE:
        if kms_key:
            raise UsageError("--kms-key is for aws-secretsmanager: and aws-kms: only")
        _create_file(reference.name, ring.to_json())
    elif reference.scheme == refs.SECRETS_MANAGER and not reference.version:
        create_secret(reference.name, ring.to_json(), kms_key)
    elif reference.scheme == refs.KMS:
        if not kms_key:
            raise UsageError("aws-kms: needs --kms-key: ARN, ID or alias of the KMS key")
        _create_envelope(reference.name, seal_ring(ring, kms_key).to_json())
    else:
        raise UsageError(
            "keys can be created in file:PATH, aws-secretsmanager:NAME and aws-kms:URI only"
        )


def replace_keys(reference: KeyReference, ring: KeyRing) -> None:
    """Replace the key ring of a file, a secret or an envelope, and read the new one.

    Parameters
    ----------
    reference : KeyReference
        Place of a key or a key ring.
    ring : KeyRing
        New content. It holds the earlier keys as well.

    Raises
    ------
    UsageError
        If the place cannot be written, does not keep the new content, or was changed meanwhile.
    """
    replacements: dict[str, Callable[[str, KeyRing], None]] = {
        refs.FILE: _replace_file,
        refs.SECRETS_MANAGER: _replace_secret,
        refs.KMS: _replace_envelope,
    }
    replace_content = replacements.get(reference.scheme)
    if replace_content is None or reference.version:
        raise UsageError(
            "keys can be changed in file:PATH, aws-secretsmanager:NAME and aws-kms:URI only"
        )
    replace_content(reference.name, ring)
    if read_key_material(f"{reference.scheme}:{reference.name}").ring != ring:
        raise UsageError(
            "the place of --key does not hold the new key ring: another command has changed it; "
            "run the same command again"
        )


def _create_file(path: str, text: str) -> None:
    """Create a file that only its owner can read."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"the file {path} exists; give another name") from None
    except OSError as error:
        raise UsageError(f"the file {path} cannot be created: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _replace_file(path: str, ring: KeyRing) -> None:
    """Replace a file in one step, so that a killed process leaves the earlier or the new one."""
    target = Path(path).resolve()
    partial = f"{target}.{uuid4().hex}"
    _create_file(partial, ring.to_json())
    try:
        os.replace(partial, target)
    except OSError as error:
        os.unlink(partial)
        raise UsageError(f"the file {path} cannot be replaced: {error.strerror}") from None


def _replace_secret(name: str, ring: KeyRing) -> None:
    replace_secret(name, ring.to_json())


def _create_envelope(uri: str, text: str) -> None:
    data = text.encode()
    location = parse_uri(uri)
    sentence = f"the envelope {uri} cannot be created"
    try:
        outcome = write_object(
            location.uri, data, hashlib.sha256(data).hexdigest(), content_type="application/json"
        )
    except Exception as error:  # OSError or a class of botocore
        raise UsageError(describe_error(sentence, error, _OTHERWISE)) from None
    if outcome is not WriteOutcome.NEW:
        raise UsageError(f"the envelope {uri} exists; give another name")


def _replace_envelope(uri: str, ring: KeyRing) -> None:
    envelope = seal_ring(ring, parse_envelope(read_text(uri)).kms_key)
    try:
        write_text(parse_uri(uri), envelope.to_json())
    except Exception as error:  # OSError or a class of botocore
        sentence = f"the envelope {uri} cannot be replaced"
        raise UsageError(describe_error(sentence, error, _OTHERWISE)) from None
