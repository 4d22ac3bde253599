"""Write key rings to the places of KEYREFs. A key is never printed."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Optional
from uuid import uuid4

from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.cli.errors import UsageError
from jobs.common.secrets import key_references as refs
from jobs.common.secrets.key_references import KeyReference
from jobs.common.secrets.key_ring import KeyRing, parse_secret
from jobs.common.secrets.kms_envelope import open_ring, parse_envelope, seal_ring
from jobs.common.secrets.secrets_manager import create_secret, replace_secret
from jobs.common.storage import s3_client
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


def replace_keys(reference: KeyReference, before: KeyRing, after: KeyRing) -> None:
    """Replace the key ring of a file, a secret or an envelope.

    Of two commands that change a place at one time, one fails: a key that the other one has added
    and used is not lost.

    Parameters
    ----------
    reference : KeyReference
        Place of a key or a key ring.
    before : KeyRing
        Content that the place must have.
    after : KeyRing
        New content. It holds the earlier keys as well.

    Raises
    ------
    UsageError
        If the place cannot be written, or was changed meanwhile.
    """
    replacements: dict[str, Callable[[str, KeyRing, KeyRing], None]] = {
        refs.FILE: _replace_file,
        refs.SECRETS_MANAGER: _replace_secret,
        refs.KMS: _replace_envelope,
    }
    replace_content = replacements.get(reference.scheme)
    if replace_content is None or reference.version:
        raise UsageError(
            "keys can be changed in file:PATH, aws-secretsmanager:NAME and aws-kms:URI only"
        )
    replace_content(reference.name, before, after)


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


def _replace_file(path: str, before: KeyRing, after: KeyRing) -> None:
    """Replace a file in one step, so that a killed process leaves the earlier or the new one."""
    target = Path(path).resolve()
    try:
        with _locked(target.parent):
            if parse_secret(target.read_bytes()) != before:
                raise _changed()
            partial = f"{target}.{uuid4().hex}"
            _create_file(partial, after.to_json())
            os.replace(partial, target)
    except OSError as error:
        raise UsageError(f"the file {path} cannot be replaced: {error.strerror}") from None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one command at a time change the files of a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace_secret(name: str, before: KeyRing, after: KeyRing) -> None:
    replace_secret(name, lambda content: parse_secret(content) == before, after.to_json())


def _changed() -> UsageError:
    return UsageError(
        "another command has changed the place of --key meanwhile; run the same command again"
    )


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


def _replace_envelope(uri: str, before: KeyRing, after: KeyRing) -> None:
    """Replace an envelope, if it is still the one that was read."""
    location = parse_uri(uri)
    if not location.on_s3:
        with _locked(Path(location.path).resolve().parent):
            text = _seal_again(read_text(uri), before, after)
            _write(uri, lambda: write_text(location, text))
        return
    client = s3_client.get_client()
    try:
        answer = client.get_object(Bucket=location.bucket, Key=location.path)
        text = answer["Body"].read().decode()
    except Exception as error:  # classes of botocore, UnicodeDecodeError
        raise UsageError(describe_error(f"{uri} cannot be read", error, _OTHERWISE)) from None
    sealed = _seal_again(text, before, after).encode()

    def put() -> None:
        client.put_object(
            Bucket=location.bucket, Key=location.path, Body=sealed, IfMatch=answer["ETag"]
        )

    _write(uri, put)


def _seal_again(text: str, before: KeyRing, after: KeyRing) -> str:
    envelope = parse_envelope(text)
    if open_ring(envelope) != before:
        raise _changed()
    return seal_ring(after, envelope.kms_key).to_json()


def _write(uri: str, write: Callable[[], None]) -> None:
    try:
        write()
    except Exception as error:  # OSError or a class of botocore
        if error_code(error) in s3_client.PRECONDITION_FAILED_CODES:
            raise _changed() from None
        sentence = f"the envelope {uri} cannot be replaced"
        raise UsageError(describe_error(sentence, error, _OTHERWISE)) from None
