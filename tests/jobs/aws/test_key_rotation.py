"""Rotate the secret of the key as Secrets Manager does, against moto."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from jobs.aws import key_rotation
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError
from jobs.common.secrets.key_references import KeyReference
from jobs.common.secrets.key_ring import KeyRing, make_key, parse_secret
from jobs.common.secrets.key_writer import replace_keys

_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@pytest.fixture
def secret(bucket: str) -> str:
    """Create a secret with a key ring of one sealing key."""
    name = f"safelight/{uuid4().hex}"
    ring = KeyRing((make_key(),), (make_key(),))
    get_client("secretsmanager").create_secret(Name=name, SecretString=ring.to_json())
    return name


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Start a rotation: the version exists with a label and without a value, unlike in moto."""
    read = key_rotation._stages
    started: list[str] = []

    def stages(name: str) -> dict[str, list[str]]:
        return {version: ["AWSPENDING"] for version in started} | dict(read(name))

    def begin() -> str:
        started.append(str(uuid4()))
        return started[-1]

    monkeypatch.setattr(key_rotation, "_stages", stages)
    return begin


def _run(secret: str, version: str, steps: tuple[str, ...] = _STEPS) -> None:
    for step in steps:
        event = {"Step": step, "SecretId": secret, "ClientRequestToken": version}
        key_rotation.handle(event, None)


def _ring(secret: str, stage: str = "AWSCURRENT") -> KeyRing:
    answer = get_client("secretsmanager").get_secret_value(SecretId=secret, VersionStage=stage)
    return parse_secret(answer["SecretString"].encode())


def test_a_rotation_adds_a_sealing_key_and_keeps_all_others(
    secret: str, start: Callable[[], str]
) -> None:
    before = _ring(secret)
    _run(secret, start())
    after = _ring(secret)
    assert after.pseudonym_keys == before.pseudonym_keys
    assert after.sealing_keys[1:] == before.sealing_keys
    assert len(after.sealing_keys) == 2
    assert _ring(secret, "AWSPREVIOUS") == before


def test_a_secret_of_one_key_becomes_a_key_ring(secret: str, start: Callable[[], str]) -> None:
    key = "4f" * 16 + "a1b2c3d4e5f60718293a4b5c6d7e8f90"
    get_client("secretsmanager").put_secret_value(SecretId=secret, SecretString=key)
    _run(secret, start())
    assert _ring(secret).key == bytes.fromhex(key)
    assert len(_ring(secret).sealing_keys) == 1


def test_a_repeated_step_changes_nothing(secret: str, start: Callable[[], str]) -> None:
    version = start()
    _run(secret, version, ("createSecret", "createSecret", *_STEPS))
    once = _ring(secret)
    assert len(once.sealing_keys) == 2
    _run(secret, version)
    assert _ring(secret) == once


def test_a_second_rotation_keeps_the_key_of_the_first(
    secret: str, start: Callable[[], str]
) -> None:
    _run(secret, start())
    first = _ring(secret)
    _run(secret, start())
    assert _ring(secret).sealing_keys[1:] == first.sealing_keys


@pytest.mark.parametrize("lost", ["pseudonyms", "sealing"])
def test_a_version_that_loses_a_key_is_not_used(
    lost: str, secret: str, start: Callable[[], str]
) -> None:
    before = _ring(secret)
    wrong = (
        KeyRing((make_key(),), (make_key(), *before.sealing_keys))
        if lost == "pseudonyms"
        else KeyRing(before.pseudonym_keys, (make_key(),))
    )
    version = start()
    get_client("secretsmanager").put_secret_value(
        SecretId=secret,
        ClientRequestToken=version,
        SecretString=wrong.to_json(),
        VersionStages=["AWSPENDING"],
    )
    with pytest.raises(JobError, match="does not continue the current one"):
        _run(secret, version)
    assert _ring(secret) == before


def test_an_unknown_version_is_refused(secret: str) -> None:
    with pytest.raises(JobError, match="start the rotation again"):
        _run(secret, str(uuid4()))


def test_a_missing_secret_is_one_sentence(bucket: str) -> None:
    with pytest.raises(JobError, match="the secret of the key cannot be described"):
        _run("missing", str(uuid4()))


def test_no_key_is_logged(
    secret: str, start: Callable[[], str], capfd: pytest.CaptureFixture[str]
) -> None:
    _run(secret, start())
    out, err = capfd.readouterr()
    for key in (*_ring(secret).pseudonym_keys, *_ring(secret).sealing_keys):
        assert key.key.hex() not in out + err
    assert '"key_rotation"' in err


def test_the_function_loads_no_libraries_but_boto3() -> None:
    program = (
        "import sys; import jobs.aws.key_rotation; "
        "print([m for m in ('pyspark', 'pyarrow', 'pydicom', 'numpy', 'cryptography') "
        "if m in sys.modules])"
    )
    done: Any = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_key_that_was_added_before_the_last_step_is_not_lost(
    secret: str, start: Callable[[], str]
) -> None:
    version = start()
    _run(secret, version, _STEPS[:3])
    before = _ring(secret)
    changed = before.with_sealing_key(make_key())
    replace_keys(KeyReference("aws-secretsmanager", secret), before, changed)
    with pytest.raises(JobError, match="does not continue the current one"):
        _run(secret, version, ("finishSecret",))
    assert _ring(secret) == changed


def test_a_copy_of_the_current_version_passes_the_test(
    secret: str, start: Callable[[], str]
) -> None:
    version = start()
    get_client("secretsmanager").put_secret_value(
        SecretId=secret,
        ClientRequestToken=version,
        SecretString=_ring(secret).to_json(),
        VersionStages=["AWSPENDING"],
    )
    _run(secret, version, ("testSecret",))
