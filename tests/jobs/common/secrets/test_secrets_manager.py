from __future__ import annotations

from typing import Any

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.secrets.secrets_manager import (
    create_secret,
    read_previous_secret,
    read_secret,
    replace_secret,
)


def test_binary_secrets_and_texts_are_read(secrets_manager: Any) -> None:
    secrets_manager.create_secret(Name="binary", SecretBinary=b"\0\1")
    secrets_manager.create_secret(Name="text", SecretString="é")
    assert (read_secret("binary"), read_secret("text")) == (b"\0\1", "é".encode())


def test_a_replaced_secret_keeps_its_previous_version(secrets_manager: Any) -> None:
    create_secret("replaced", "one", None)
    assert read_previous_secret("replaced") is None
    version = replace_secret("replaced", lambda content: content == b"one", "two")
    assert (read_secret("replaced"), read_previous_secret("replaced")) == (b"two", b"one")
    assert read_secret("replaced", version) == b"two"


def test_an_arn_names_its_own_region(secrets_manager: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    arn = secrets_manager.create_secret(Name="elsewhere", SecretString="one")["ARN"]
    assert ":us-east-1:" in arn
    assert read_secret(arn) == b"one"


def test_a_missing_secret_or_version_says_what_to_check(secrets_manager: Any) -> None:
    create_secret("present", "one", None)
    for name, version in (("absent", ""), ("present", "AWSPENDING")):
        with pytest.raises(UsageError, match=r"ResourceNotFoundException\); check its name"):
            read_secret(name, version)


def test_an_existing_secret_is_not_created_again(secrets_manager: Any) -> None:
    create_secret("once", "one", None)
    with pytest.raises(UsageError, match="cannot be created"):
        create_secret("once", "two", None)
    assert read_secret("once") == b"one"


def test_a_secret_with_another_content_is_not_replaced(secrets_manager: Any) -> None:
    create_secret("changed", "one", None)
    with pytest.raises(UsageError, match="another command has changed it"):
        replace_secret("changed", lambda content: content == b"zero", "two")
    assert read_secret("changed") == b"one"
