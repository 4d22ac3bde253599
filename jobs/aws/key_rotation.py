"""Add a sealing key to the secret of the key: the rotation function of AWS Secrets Manager.

Only the key that encrypts new originals changes. The keys of the pseudonyms stay, so that a patient
keeps the pseudonym, and earlier sealing keys stay, so that originals stay readable.
``safelight keys rotate`` encrypts earlier originals again.

source: AWS Secrets Manager User Guide, "Lambda rotation functions" and "How rotation works".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobs.common.aws.client_errors import error_code
from jobs.common.aws.clients import get_client, request
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.log import LogFormat, configure_log, log_event
from jobs.common.secrets.key_ring import KeyRing, make_key, parse_secret

_CURRENT = "AWSCURRENT"
_PENDING = "AWSPENDING"


def handle(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 (Lambda gives it)
    """Handle one step of a rotation.

    Parameters
    ----------
    event : mapping
        ``Step``, ``SecretId`` and ``ClientRequestToken``, which is the ID of the new version.
    context : object
        Context of Lambda.

    Raises
    ------
    UsageError
        If the event is not a step of a rotation.
    JobError
        If the secret cannot be read or written, or the new version would lose a key. Secrets
        Manager repeats the rotation; the current version stays as it is.
    """
    configure_log(LogFormat.JSON)
    try:
        step, secret, version = event["Step"], event["SecretId"], event["ClientRequestToken"]
    except KeyError:
        raise UsageError(
            "the event is not a step of a rotation; let Secrets Manager invoke the function"
        ) from None
    if _is_current(secret, version):
        return
    if step == "createSecret":
        _create(secret, version)
    elif step == "testSecret":
        _test(secret, version)
    elif step == "finishSecret":
        _finish(secret, version)
    log_event("key_rotation", f"step {step} of the rotation is done")


def _is_current(secret: str, version: str) -> bool:
    """Return whether the rotation is over; raise if it did not start."""
    stages = _stages(secret).get(version)
    if stages is None or not {_CURRENT, _PENDING} & set(stages):
        raise JobError("the version of the rotation is unknown; start the rotation again")
    return _CURRENT in stages


def _stages(secret: str) -> Mapping[str, list[str]]:
    description = request(
        "the secret of the key cannot be described",
        get_client("secretsmanager").describe_secret,
        SecretId=secret,
    )
    stages: Mapping[str, list[str]] = description["VersionIdsToStages"]
    return stages


def _create(secret: str, version: str) -> None:
    """Write the key ring with one more sealing key; do nothing if an earlier attempt has."""
    client = get_client("secretsmanager")
    try:
        client.get_secret_value(SecretId=secret, VersionId=version, VersionStage=_PENDING)
        return
    except Exception as error:  # classes of botocore
        if error_code(error) != "ResourceNotFoundException":
            raise JobError(
                f"the new version of the key cannot be read ({error_code(error)}); check the "
                "permissions of the rotation function"
            ) from None
    ring = _read(secret, VersionStage=_CURRENT).with_sealing_key(make_key())
    request(
        "the new version of the key cannot be written",
        client.put_secret_value,
        SecretId=secret,
        ClientRequestToken=version,
        SecretString=ring.to_json(),
        VersionStages=[_PENDING],
    )


def _test(secret: str, version: str) -> str:
    """Raise if the new version changes pseudonyms or loses a sealing key.

    Secrets Manager also tests a pending version that is a copy of the current one.

    Returns
    -------
    str
        ID of the version that is current.
    """
    current_version = _find_current(secret)
    current = _read(secret, VersionId=current_version)
    new = _read(secret, VersionId=version, VersionStage=_PENDING)
    is_complete = set(current.sealing_keys) <= set(new.sealing_keys)
    if new.pseudonym_keys != current.pseudonym_keys or not is_complete:
        raise JobError(
            "the new version of the key does not continue the current one, so it is not used; "
            "remove its label AWSPENDING, and start the rotation again"
        )
    return current_version


def _finish(secret: str, version: str) -> None:
    """Make the new version the current one.

    The label is moved from the version whose keys the new one has: a key that `safelight keys
    rotate` has added meanwhile is not lost.
    """
    current = _test(secret, version)
    request(
        "the new version of the key cannot become the current one",
        get_client("secretsmanager").update_secret_version_stage,
        SecretId=secret,
        VersionStage=_CURRENT,
        MoveToVersionId=version,
        RemoveFromVersionId=current,
    )


def _find_current(secret: str) -> str:
    """Return the ID of the current version; every secret has one."""
    return next(version for version, stages in _stages(secret).items() if _CURRENT in stages)


def _read(secret: str, **version: str) -> KeyRing:
    """Return the key ring of one version."""
    answer = request(
        "the secret of the key cannot be read",
        get_client("secretsmanager").get_secret_value,
        SecretId=secret,
        **version,
    )
    binary = answer.get("SecretBinary")
    return parse_secret(bytes(binary) if binary is not None else answer["SecretString"].encode())
