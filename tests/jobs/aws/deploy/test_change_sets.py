"""Answers of CloudFormation that moto does not give, each checked against the model of botocore."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from jobs.aws.deploy.change_sets import (
    PROTECTING_POLICY,
    ResourceChange,
    StackDeployment,
    StackSource,
    summarize,
)
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError

_TIME = datetime(2026, 1, 1, tzinfo=timezone.utc)
_STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/safelight/1"
_NESTED = "arn:aws:cloudformation:us-east-1:123456789012:stack/safelight-Storage/2"
_SOURCE = StackSource(body="{}")


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    get_client.cache_clear()
    with Stubber(get_client("cloudformation")) as stubber:
        yield stubber
    stubber.assert_no_pending_responses()
    get_client.cache_clear()


@pytest.fixture
def stack(stub: Stubber) -> StackDeployment:
    return StackDeployment("safelight", pause=lambda _: None)


def _add_status(stub: Stubber, status: str | None) -> None:
    if status is None:
        stub.add_client_error("describe_stacks", "ValidationError", "safelight does not exist")
        return
    found = {"StackName": "safelight", "CreationTime": _TIME, "StackStatus": status}
    stub.add_response("describe_stacks", {"Stacks": [found]})


def _add_change_set(
    stub: Stubber, *changes: dict[str, Any], expected: str = "change-set", **others: Any
) -> None:
    found = {"Type": "Resource", "Status": "CREATE_COMPLETE"} | others
    found.pop("Type")
    found["Changes"] = [{"Type": "Resource", "ResourceChange": change} for change in changes]
    stub.add_response("describe_change_set", found, {"ChangeSetName": expected})


def _add_creation(stub: Stubber, kind: str, nested: bool | None = None) -> None:
    includes = kind == "UPDATE" if nested is None else nested
    expected = {
        "StackName": "safelight", "ChangeSetName": ANY, "ChangeSetType": kind, "Tags": ANY,
        "Capabilities": ["CAPABILITY_NAMED_IAM"], "IncludeNestedStacks": includes,
        "Parameters": [{"ParameterKey": "Name", "ParameterValue": "safelight"}],
        "TemplateBody": "{}",
    }  # fmt: skip
    stub.add_response("create_change_set", {"Id": "change-set"}, expected)


def _change(identifier: str, kind: str, action: str, **others: Any) -> dict[str, Any]:
    found = {"LogicalResourceId": identifier, "ResourceType": kind, "Action": action}
    return found | others


def _create(stack: StackDeployment) -> list[ResourceChange] | None:
    found = stack.create_change_set(_SOURCE, {"Name": "safelight"})
    return found[1] if found else None


@pytest.mark.parametrize("status, kind", [(None, "CREATE"), ("REVIEW_IN_PROGRESS", "CREATE")])
def test_a_new_stack_is_created(
    stub: Stubber, stack: StackDeployment, status: str | None, kind: str
) -> None:
    _add_status(stub, status)
    _add_creation(stub, kind)
    _add_change_set(stub, Status="CREATE_IN_PROGRESS")
    _add_change_set(stub)
    _add_change_set(stub, _change("Topic", "AWS::SNS::Topic", "Add"))
    assert _create(stack) == [ResourceChange("Topic", "AWS::SNS::Topic", "Add", False)]


def test_changes_of_nested_stacks_are_found(stub: Stubber, stack: StackDeployment) -> None:
    _add_status(stub, "UPDATE_COMPLETE")
    _add_creation(stub, "UPDATE")
    _add_change_set(stub)
    nested = {"ChangeSetId": "arn:nested-change-set", "Replacement": "False"}
    _add_change_set(stub, _change("Storage", "AWS::CloudFormation::Stack", "Modify", **nested))
    replaced = {"Replacement": "Conditional"}
    _add_change_set(
        stub,
        _change("CleanImages", "AWS::HealthImaging::Datastore", "Modify", **replaced),
        _change("Rule", "AWS::Events::Rule", "Remove"),
        expected="arn:nested-change-set",
    )
    changes = _create(stack)
    assert changes is not None
    assert [change.logical_id for change in changes if change.loses_data] == ["CleanImages"]
    assert summarize(changes) == "1 modified, 1 removed, 1 replaced"


@pytest.mark.parametrize("reason", ["The submitted information didn't contain changes. Submit"])
def test_no_changes_are_no_failure(stub: Stubber, stack: StackDeployment, reason: str) -> None:
    _add_status(stub, "UPDATE_COMPLETE")
    _add_creation(stub, "UPDATE")
    _add_change_set(stub, Status="FAILED", StatusReason=reason)
    stub.add_response("delete_change_set", {}, {"ChangeSetName": "change-set"})
    assert _create(stack) is None


def _add_refusal(stub: Stubber, reason: str, nested: bool) -> None:
    _add_creation(stub, "UPDATE", nested)
    _add_change_set(stub, Status="FAILED", StatusReason=reason)


def test_a_refused_change_set_says_why(stub: Stubber, stack: StackDeployment) -> None:
    _add_status(stub, "UPDATE_COMPLETE")
    for nested in (True, False):
        _add_refusal(stub, "Parameters: [Nodes] must be numbers.\nx", nested)
    with pytest.raises(JobError, match=r"Parameters: \[Nodes\] must be numbers; correct"):
        _create(stack)


def test_a_stack_whose_nested_changes_are_unknown_is_changed_all_the_same(
    stub: Stubber, stack: StackDeployment
) -> None:
    _add_status(stub, "UPDATE_COMPLETE")
    _add_refusal(stub, "{{IntrinsicFunction:safelight/Network.Outputs}} is not allowed", True)
    _add_creation(stub, "UPDATE", nested=False)
    _add_change_set(stub)
    _add_change_set(stub, _change("Storage", "AWS::CloudFormation::Stack", "Modify"))
    assert _create(stack) is not None


def test_policies_of_nested_stacks_keep_data(stub: Stubber, stack: StackDeployment) -> None:
    nested = {
        "LogicalResourceId": "Storage", "ResourceType": "AWS::CloudFormation::Stack",
        "PhysicalResourceId": _NESTED, "Timestamp": _TIME, "ResourceStatus": "CREATE_COMPLETE",
    }  # fmt: skip
    stub.add_response("describe_stack_resources", {"StackResources": [nested]})
    expected = {"StackName": _NESTED, "StackPolicyBody": PROTECTING_POLICY}
    stub.add_response("set_stack_policy", {}, expected)
    stack.set_policies(PROTECTING_POLICY)
    denied = json.loads(PROTECTING_POLICY)["Statement"][1]
    assert denied["Action"] == ["Update:Replace", "Update:Delete"]
    assert "AWS::HealthImaging::Datastore" in denied["Condition"]["StringEquals"]["ResourceType"]


@pytest.mark.parametrize(
    "status, message",
    [
        ("ROLLBACK_COMPLETE", "delete it in CloudFormation"),
        ("UPDATE_IN_PROGRESS", "another deployment of the stack safelight is running"),
    ],
)
def test_a_stack_that_cannot_change_is_refused_first(
    stub: Stubber, stack: StackDeployment, status: str, message: str
) -> None:
    _add_status(stub, status)
    with pytest.raises(JobError, match=message):
        _create(stack)


@pytest.mark.parametrize(
    "code, message",
    [
        ("AccessDenied", "grant the driver and the executors permission"),
        ("ExpiredToken", "renew the AWS credentials"),
        ("LimitExceededException", "LimitExceededException"),
    ],
)
def test_a_refused_call_is_one_sentence(
    stub: Stubber, stack: StackDeployment, code: str, message: str
) -> None:
    stub.add_client_error("describe_stacks", code, "arn:aws:iam::123456789012:user/jane")
    with pytest.raises(JobError, match=message) as raised:
        _create(stack)
    assert "jane" not in str(raised.value)


def _event(identifier: str, status: str, kind: str, reason: str, physical: str) -> dict[str, Any]:
    return {
        "StackId": _STACK, "EventId": identifier, "StackName": "safelight", "Timestamp": _TIME,
        "LogicalResourceId": identifier, "PhysicalResourceId": physical, "ResourceType": kind,
        "ResourceStatus": status, "ResourceStatusReason": reason,
    }  # fmt: skip


def test_a_failure_names_the_first_resource_that_failed(
    stub: Stubber, stack: StackDeployment
) -> None:
    nested_type = "AWS::CloudFormation::Stack"
    stub.add_response("execute_change_set", {}, {"ChangeSetName": "change-set"})
    _add_status(stub, "UPDATE_IN_PROGRESS")
    stub.add_response("describe_stack_resources", {"StackResources": []})
    _add_status(stub, "UPDATE_ROLLBACK_COMPLETE")
    events = [
        _event("Trigger", "UPDATE_FAILED", nested_type, "Resource update cancelled", ""),
        _event("Storage", "UPDATE_FAILED", nested_type, "Embedded stack failed", _NESTED),
    ]
    stub.add_response("describe_stack_events", {"StackEvents": events}, {"StackName": "safelight"})
    nested = [
        _event("Table", "CREATE_FAILED", "AWS::DynamoDB::Table", "Resource creation cancelled", ""),
        _event("Key", "CREATE_FAILED", "AWS::KMS::Key", "The limit was exceeded.", ""),
    ]
    stub.add_response("describe_stack_events", {"StackEvents": nested}, {"StackName": _NESTED})
    with pytest.raises(JobError, match="UPDATE_ROLLBACK_COMPLETE; Key failed: The limit was"):
        stack.execute("change-set")
