from __future__ import annotations

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.secrets.key_references import KeyReference, parse_reference


@pytest.mark.parametrize(
    ("reference", "parsed"),
    [
        ("file:/a:b#c", KeyReference("file", "/a:b#c")),
        ("env:KEY", KeyReference("env", "KEY")),
        ("aws-secretsmanager:a/b", KeyReference("aws-secretsmanager", "a/b")),
        (
            "aws-secretsmanager:a#AWSPREVIOUS",
            KeyReference("aws-secretsmanager", "a", "AWSPREVIOUS"),
        ),
        (
            "aws-secretsmanager:arn:aws:secretsmanager:eu-central-1:1:secret:a-x",
            KeyReference("aws-secretsmanager", "arn:aws:secretsmanager:eu-central-1:1:secret:a-x"),
        ),
        ("aws-kms:s3://control/key#1.json", KeyReference("aws-kms", "s3://control/key#1.json")),
    ],
)
def test_a_reference_names_its_place_and_version(reference: str, parsed: KeyReference) -> None:
    assert parse_reference(reference) == parsed


@pytest.mark.parametrize(
    "reference",
    [
        "0123456789abcdef0123456789abcdef0123456789abcdef",
        "vault:name",
        "file:",
        "aws-secretsmanager:#AWSPREVIOUS",
        "aws-secretsmanager:name#",
        "aws-kms:",
    ],
)
def test_another_form_is_refused_and_not_repeated(reference: str) -> None:
    with pytest.raises(UsageError, match=r"^--key takes file:PATH.*never the key itself$"):
        parse_reference(reference)
