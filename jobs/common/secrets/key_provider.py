"""Read the keys that a KEYREF refers to.

A KEYREF names a place of the key; the key itself is never an argument. To add a scheme, write a
reader and register it in ``_READERS``.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Optional

from jobs.common.cli.errors import UsageError
from jobs.common.cli.log import log_event
from jobs.common.secrets import key_references as refs
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_references import KeyReference, parse_reference
from jobs.common.secrets.key_ring import KeyRing, parse_secret
from jobs.common.secrets.kms_envelope import DataKeys, open_ring, parse_envelope
from jobs.common.secrets.secrets_manager import read_previous_secret, read_secret
from jobs.common.storage.objects import read_text

#: Values of the environment variables that were read, by name. HOLDS SECRETS.
_VALUES_READ: dict[str, str] = {}


def read_key(reference: str) -> bytes:
    """Return the current key of the pseudonyms that a KEYREF refers to.

    Parameters
    ----------
    reference : str
        KEYREF: see :data:`jobs.common.secrets.key_references.FORMS`.

    Returns
    -------
    bytes
        Key of at least 32 bytes.

    Raises
    ------
    UsageError
        If the reference has another form, the secret cannot be read, or a key is too short or of
        obviously low entropy. The message never holds the secret.
    """
    return read_key_material(reference).ring.key


def read_key_material(reference: str) -> KeyMaterial:
    """Return all keys that a KEYREF refers to; see :func:`read_key`.

    Parameters
    ----------
    reference : str
        KEYREF.

    Returns
    -------
    KeyMaterial
        Current and earlier keys.

    Raises
    ------
    UsageError
        If the keys cannot be read.
    """
    parsed = parse_reference(reference)
    return _READERS[parsed.scheme](parsed)


def _read_file(reference: KeyReference) -> KeyMaterial:
    """Return the keys of a file."""
    try:
        _warn_about_mode(os.stat(reference.name))
        secret = Path(reference.name).read_bytes()
    except OSError as error:
        raise UsageError(
            f"the key file {reference.name} cannot be read: {error.strerror}"
        ) from None
    return KeyMaterial(parse_secret(secret))


def _warn_about_mode(status: os.stat_result) -> None:
    """Warn if other users can change a key file."""
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISREG(status.st_mode) and mode & 0o022:
        log_event(
            "key_file_mode",
            f"other users can change the key file (mode {mode:04o}); set its mode to 0600",
        )


def _read_environment(reference: KeyReference) -> KeyMaterial:
    """Return the keys of an environment variable, and remove the variable.

    Processes that start later, such as the JVM, Python workers and decoders, do not inherit it.
    """
    value = os.environ.pop(reference.name, None) or _VALUES_READ.get(reference.name)
    if value is None:
        raise UsageError(f"the environment variable {reference.name} of --key is not set")
    _VALUES_READ[reference.name] = value
    return KeyMaterial(parse_secret(os.fsencode(value)))


def _read_secrets_manager(reference: KeyReference) -> KeyMaterial:
    """Return the keys of a secret of AWS Secrets Manager."""
    ring = parse_secret(read_secret(reference.name, reference.version))
    if reference.version:
        return KeyMaterial(ring)
    previous = _parse_previous(read_previous_secret(reference.name))
    return KeyMaterial(ring, previous=previous, follows_rotation=True)


def _parse_previous(secret: Optional[bytes]) -> Optional[KeyRing]:
    """Return the keys of a previous version; ``None`` if no run can have used it."""
    try:
        return None if secret is None else parse_secret(secret)
    except UsageError:  # such as a weak key, which was replaced for that reason
        return None


def _read_kms(reference: KeyReference) -> KeyMaterial:
    """Return the keys of an envelope of AWS KMS."""
    envelope = parse_envelope(read_text(reference.name))
    return KeyMaterial(open_ring(envelope), DataKeys(envelope.kms_key), follows_rotation=True)


#: Reader of each scheme of a KEYREF.
_READERS = {
    refs.FILE: _read_file,
    refs.ENVIRONMENT: _read_environment,
    refs.SECRETS_MANAGER: _read_secrets_manager,
    refs.KMS: _read_kms,
}
