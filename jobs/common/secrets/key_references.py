"""Parse a KEYREF, which names the place of a secret and never holds the secret itself."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.common.cli.errors import UsageError

FILE = "file"
ENVIRONMENT = "env"
SECRETS_MANAGER = "aws-secretsmanager"
KMS = "aws-kms"

#: Forms of a KEYREF, for help texts and messages.
FORMS = "file:PATH, env:NAME, aws-secretsmanager:NAME[#VERSION] or aws-kms:URI"

_SCHEMES = (FILE, ENVIRONMENT, SECRETS_MANAGER, KMS)


@dataclass(frozen=True)
class KeyReference:
    """Place of a secret.

    Attributes
    ----------
    scheme : str
        Kind of the place.
    name : str
        Path of a file, name of a variable, name or ARN of a secret, or URI of an envelope.
    version : str
        Staging label or version ID of a secret of Secrets Manager; empty for the current version.
    """

    scheme: str
    name: str
    version: str = ""


def parse_reference(reference: str, option: str = "--key") -> KeyReference:
    """Return the place that a KEYREF names.

    Parameters
    ----------
    reference : str
        KEYREF.
    option : str
        Command-line option of the KEYREF, for the message.

    Returns
    -------
    KeyReference
        Place of the secret.

    Raises
    ------
    UsageError
        If the reference has another form. The message does not repeat it: it may be a key.
    """
    scheme, _, name = reference.partition(":")
    version = ""
    if scheme == SECRETS_MANAGER:
        name, separator, version = name.partition("#")
        if separator and not version:
            name = ""
    if scheme not in _SCHEMES or not name:
        raise UsageError(f"{option} takes {FORMS}, never the key itself")
    return KeyReference(scheme, name, version)
