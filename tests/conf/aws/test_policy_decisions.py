"""Check the decisions of `policies.py`, on which other tests rely, by the rules of IAM."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conf.aws.policies import Account, Role, holds
from tests.conf.aws.stacks import BOUNDARY_ARN, role_arn

#: Condition, context, and decision ("Condition operators", "Multivalued context keys" and "Policy
#: evaluation logic", IAM User Guide).
_CONDITIONS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"StringEquals": {"a": "x"}}, {"a": "x"}, True),
    ({"StringEquals": {"a": ["x", "y"]}}, {"a": "y"}, True),
    ({"StringEquals": {"a": "x"}}, {}, False),
    ({"StringEqualsIfExists": {"a": "x"}}, {}, True),
    ({"StringEqualsIfExists": {"a": "x"}}, {"a": "y"}, False),
    ({"StringNotEquals": {"a": "x"}}, {}, True),
    ({"StringNotEquals": {"a": ["x", "y"]}}, {"a": "y"}, False),
    ({"StringLike": {"a": "x.*"}}, {"a": "x.1"}, True),
    ({"StringLike": {"a": "x.*"}}, {"a": "x1"}, False),
    ({"ArnNotLike": {"a": ["r/x", "r/y*"]}}, {"a": "r/yz"}, False),
    ({"ArnNotLike": {"a": ["r/x", "r/y*"]}}, {"a": "r/z"}, True),
    ({"Bool": {"a": "false"}}, {"a": "false"}, True),
    ({"Bool": {"a": "false"}}, {}, False),
    ({"Null": {"a": "true"}}, {}, True),
    ({"Null": {"a": "false"}}, {}, False),
    ({"NumericLessThan": {"a": "1.2"}}, {"a": "1.1"}, True),
    ({"NumericLessThan": {"a": "1.2"}}, {"a": "1.3"}, False),
    ({"ForAllValues:StringEquals": {"a": ["x", "y"]}}, {"a": ["x"]}, True),
    ({"ForAllValues:StringEquals": {"a": ["x", "y"]}}, {"a": ["x", "z"]}, False),
    ({"ForAllValues:StringEquals": {"a": "x"}}, {}, True),
    ({"ForAnyValue:StringNotEquals": {"a": ["x", "y"]}}, {"a": ["x", "z"]}, True),
    ({"ForAnyValue:StringNotEquals": {"a": ["x", "y"]}}, {"a": ["x"]}, False),
    ({"ForAnyValue:StringEquals": {"a": "x"}}, {}, False),
    ({"StringEquals": {"a": "x"}, "Bool": {"b": "true"}}, {"a": "x"}, False),
]


@pytest.mark.parametrize(("condition", "context", "expected"), _CONDITIONS)
def test_a_condition_is_decided_as_by_iam(
    condition: dict[str, Any], context: dict[str, Any], expected: bool
) -> None:
    assert holds(condition, context) is expected


def _policy(effect: str, action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {"Statement": [statement]}


def _decide(
    identity: dict[str, Any],
    boundary: dict[str, Any] | None = None,
    resource: dict[str, Any] | None = None,
    action: str = "s3:GetObject",
) -> bool:
    role = Role("a", role_arn("a"), {}, [identity], boundary)
    account = Account({"a": role}, {"arn:b": resource} if resource else {})
    return account.allows("a", action, "arn:b/key")


def test_a_request_needs_a_policy_and_the_boundary() -> None:
    allow = _policy("Allow", "s3:Get*")
    assert _decide(allow)
    assert _decide(allow, _policy("Allow", "s3:GetObject", "arn:b/*"))
    assert not _decide(allow, _policy("Allow", "s3:PutObject"))
    assert not _decide(_policy("Allow", "s3:GetObject", "arn:c/*"))
    assert BOUNDARY_ARN.endswith("-boundary")


def test_a_denial_wins_wherever_it_is() -> None:
    allow = _policy("Allow", "s3:GetObject")
    deny = _policy("Deny", "s3:*", Principal="*")
    assert not _decide(allow, None, deny)
    assert not _decide({"Statement": allow["Statement"] + deny["Statement"]})


def test_a_key_needs_its_own_policy_as_well() -> None:
    allow = _policy("Allow", "kms:Decrypt")
    root = {"AWS": "arn:aws:iam::111122223333:root"}
    assert not _decide(allow, None, _policy("Allow", "kms:Encrypt", Principal=root), "kms:Decrypt")
    assert _decide(allow, None, _policy("Allow", "kms:Decrypt", Principal=root), "kms:Decrypt")
    service = {"Service": "sns.amazonaws.com"}
    assert not _decide(
        allow, None, _policy("Allow", "kms:Decrypt", Principal=service), "kms:Decrypt"
    )
