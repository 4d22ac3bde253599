"""Read and write secrets of AWS Secrets Manager.

source: AWS Secrets Manager API Reference, GetSecretValue, CreateSecret,
PutSecretValue and UpdateSecretVersionStage.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Optional

from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import UsageError

#: Staging label of the version before the current one.
PREVIOUS_STAGE = "AWSPREVIOUS"

_CURRENT_STAGE = "AWSCURRENT"

#: Staging label of a version that is not current yet.
_NEW_STAGE = "SAFELIGHTNEW"

#: Version IDs that Secrets Manager and its console make; other versions are staging labels.
_VERSION_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def read_secret(name: str, version: str = "") -> bytes:
    """Return the content of one version of a secret.

    Parameters
    ----------
    name : str
        Name or ARN of the secret.
    version : str
        Staging label or version ID (default: the current version).

    Returns
    -------
    bytes
        Binary secret, or text in UTF-8.

    Raises
    ------
    UsageError
        If the secret or the version cannot be read.
    """
    selected = _select_version(version)
    operation = _client(name).get_secret_value
    sentence = f"the secret {name} cannot be read from Secrets Manager"
    return _content(_call(sentence, operation, SecretId=name, **selected))


def read_previous_secret(name: str) -> Optional[bytes]:
    """Return the content of the version before the current one; ``None`` if there is none.

    Parameters
    ----------
    name : str
        Name or ARN of the secret.

    Returns
    -------
    bytes or None
        Content of the version.

    Raises
    ------
    UsageError
        If the version cannot be read.
    """
    try:
        answer = _client(name).get_secret_value(SecretId=name, VersionStage=PREVIOUS_STAGE)
    except Exception as error:  # classes of botocore
        if error_code(error) == "ResourceNotFoundException":
            return None
        sentence = f"the previous version of the secret {name} cannot be read"
        raise UsageError(describe_error(sentence, error, _OTHERWISE)) from None
    return _content(answer)


def create_secret(name: str, text: str, kms_key: Optional[str]) -> None:
    """Create a secret.

    Parameters
    ----------
    name : str
        Name of the secret.
    text : str
        Content.
    kms_key : str, optional
        KMS key of the secret (default: ``aws/secretsmanager`` of the account).

    Raises
    ------
    UsageError
        If the secret exists or cannot be created.
    """
    sentence = f"the secret {name} cannot be created"
    parameters = {"KmsKeyId": kms_key} if kms_key else {}
    operation = _client(name).create_secret
    _call(sentence, operation, Name=name, SecretString=text, **parameters)


def replace_secret(name: str, is_expected: Callable[[bytes], bool], text: str) -> str:
    """Add a version to a secret, which becomes the current one; return its ID.

    The version is added without the label of the current one, which is then moved from the version
    that was current before. Of two commands at one time, one therefore fails, and no key is lost.

    Parameters
    ----------
    name : str
        Name or ARN of the secret.
    is_expected : callable
        Function that returns whether the current content is the one to replace.
    text : str
        Content of the new version.

    Returns
    -------
    str
        ID of the new version.

    Raises
    ------
    UsageError
        If the version cannot be added, or another command has changed the secret meanwhile.
    """
    sentence = f"no version can be added to the secret {name}"
    client = _client(name)
    current = _call(sentence, client.get_secret_value, SecretId=name, VersionStage=_CURRENT_STAGE)
    if not is_expected(_content(current)):
        raise UsageError(f"{sentence}: another command has changed it; run the same command again")
    added = _call(
        sentence,
        client.put_secret_value,
        SecretId=name,
        SecretString=text,
        VersionStages=[_NEW_STAGE],
    )["VersionId"]
    _call(
        sentence,
        client.update_secret_version_stage,
        SecretId=name,
        VersionStage=_CURRENT_STAGE,
        MoveToVersionId=added,
        RemoveFromVersionId=current["VersionId"],
    )
    return str(added)


_OTHERWISE = "check the name of the secret, its version and the permissions"


def _client(name: str) -> Any:
    """Return the client in the region of an ARN, else in that of the environment."""
    match = re.match(r"arn:[^:]+:secretsmanager:([^:]+):", name)
    return get_client("secretsmanager", match[1] if match else None)


def _select_version(version: str) -> dict[str, str]:
    version = version or _CURRENT_STAGE
    name = "VersionId" if _VERSION_ID.fullmatch(version) else "VersionStage"
    return {name: version}


def _call(sentence: str, operation: Callable[..., Any], **parameters: Any) -> Any:
    try:
        return operation(**parameters)
    except Exception as error:  # classes of botocore; their messages may hold parameters
        raise UsageError(describe_error(sentence, error, _OTHERWISE)) from None


def _content(answer: Any) -> bytes:
    binary = answer.get("SecretBinary")
    return bytes(binary) if binary is not None else str(answer["SecretString"]).encode()
