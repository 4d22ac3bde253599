"""Evaluate the rules of CloudFormation Guard in conf/aws/rules, and see each of them fail."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from guardpycfn import validate_with_guard

import conf
from jobs.aws.deploy.templates import list_templates, read_template
from tests.conf.aws.mutations import DELETE, add_resource, change, change_statement

_RULES = (Path(conf.__file__).parent / "aws" / "rules" / "safeguards.guard").read_text()
_NAMES = frozenset(re.findall(r"^rule (\w+)", _RULES, re.MULTILINE))


def _find_violation(template: dict[str, Any], rule: str) -> bool:
    """Return whether a template violates one rule. The other rules are left out of the report."""
    declarations = _RULES[: _RULES.index("\nrule ")]
    others = re.findall(r"^let data = .*?]$", _RULES, re.MULTILINE | re.DOTALL)
    text = re.search(rf"^rule {rule} .*?^}}$", _RULES, re.MULTILINE | re.DOTALL)
    assert text is not None
    result = _validate(template, "\n".join([declarations, *others, text[0]]))
    if isinstance(
        result, str
    ):  # guardpycfn 0.1.0 cuts off the beginning of the report of a violation
        return result.rstrip().endswith('"compliant": []\n}')
    return bool(result["not_compliant"])


def _validate(template: dict[str, Any], rules: str) -> Any:
    answer = validate_with_guard(json.dumps(template), rules=rules)
    assert answer["success"], answer.get("error", "")[:300]
    return answer["result"]


@pytest.mark.parametrize("name", list_templates())
def test_template_obeys_all_rules(name: str) -> None:
    result = _validate(read_template(name), _RULES)
    assert not isinstance(result, str), result[-2000:]
    assert result["not_compliant"] == []


_ALLOW = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
_ENCRYPTION = "Properties.BucketEncryption.ServerSideEncryptionConfiguration.0"

#: Rule, template, type of the resource, path of the property, value that violates the rule.
_MUTATIONS: list[tuple[str, str, str, str, object]] = [
    (
        "buckets_are_encrypted_by_kms",
        "storage.yaml",
        "RawBucket",
        f"{_ENCRYPTION}.ServerSideEncryptionByDefault.SSEAlgorithm",
        "AES256",
    ),
    (
        "buckets_are_encrypted_by_kms",
        "storage.yaml",
        "CleanBucket",
        f"{_ENCRYPTION}.BucketKeyEnabled",
        False,
    ),
    (
        "buckets_block_public_access",
        "storage.yaml",
        "AuditBucket",
        "Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets",
        False,
    ),
    (
        "buckets_block_public_access",
        "storage.yaml",
        "RawBucket",
        "Properties.PublicAccessBlockConfiguration",
        DELETE,
    ),
    (
        "buckets_have_no_acls",
        "storage.yaml",
        "RawBucket",
        "Properties.OwnershipControls.Rules.0.ObjectOwnership",
        "ObjectWriter",
    ),
    (
        "buckets_keep_versions",
        "storage.yaml",
        "RawBucket",
        "Properties.VersioningConfiguration",
        DELETE,
    ),
    ("keys_rotate", "storage.yaml", "RestrictedKey", "Properties.EnableKeyRotation", False),
    ("keys_rotate", "storage.yaml", "RestrictedKey", "Properties.PendingWindowInDays", 7),
    (
        "tables_are_encrypted_by_kms",
        "storage.yaml",
        "MappingTable",
        "Properties.SSESpecification.KMSMasterKeyId",
        DELETE,
    ),
    (
        "tables_can_be_recovered",
        "storage.yaml",
        "MappingTable",
        "Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        False,
    ),
    (
        "tables_can_be_recovered",
        "storage.yaml",
        "LeaseTable",
        "Properties.DeletionProtectionEnabled",
        DELETE,
    ),
    ("secrets_are_encrypted_by_kms", "storage.yaml", "KeySecret", "Properties.KmsKeyId", DELETE),
    (
        "data_stores_are_encrypted_by_kms",
        "storage.yaml",
        "CleanImages",
        "Properties.KmsKeyArn",
        DELETE,
    ),
    ("data_outlive_the_stack", "storage.yaml", "RawKey", "DeletionPolicy", "Delete"),
    ("data_outlive_the_stack", "storage.yaml", "MappingTable", "UpdateReplacePolicy", DELETE),
    (
        "queues_are_encrypted_by_kms",
        "trigger.yaml",
        "AWS::SQS::Queue",
        "Properties.KmsMasterKeyId",
        DELETE,
    ),
    (
        "functions_are_encrypted_by_kms",
        "trigger.yaml",
        "AWS::Lambda::Function",
        "Properties.KmsKeyArn",
        DELETE,
    ),
    (
        "functions_log_to_an_encrypted_group",
        "trigger.yaml",
        "AWS::Lambda::Function",
        "Properties.LoggingConfig",
        DELETE,
    ),
    (
        "functions_are_invoked_by_one_source",
        "trigger.yaml",
        "AWS::Lambda::Permission",
        "Properties.SourceArn",
        DELETE,
    ),
    (
        "logs_are_encrypted_and_expire",
        "trigger.yaml",
        "AWS::Logs::LogGroup",
        "Properties.KmsKeyId",
        DELETE,
    ),
    (
        "logs_are_encrypted_and_expire",
        "trigger.yaml",
        "AWS::Logs::LogGroup",
        "Properties.RetentionInDays",
        DELETE,
    ),
    (
        "roles_have_a_boundary",
        "access.yaml",
        "ImporterRole",
        "Properties.PermissionsBoundary",
        DELETE,
    ),
    (
        "roles_allow_no_action_by_wildcard",
        "access.yaml",
        "ReviewerRole",
        "Properties.Policies.0.PolicyDocument.Statement.0",
        _ALLOW,
    ),
    (
        "roles_have_no_managed_policies_of_aws",
        "access.yaml",
        "ReviewerRole",
        "Properties.ManagedPolicyArns",
        ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
    ),
    ("subnets_are_private", "network.yaml", "FirstSubnet", "Properties.MapPublicIpOnLaunch", True),
    (
        "applications_run_one_job_at_a_time",
        "compute.yaml",
        "AWS::EMRServerless::Application",
        "Properties.SchedulerConfiguration.MaxConcurrentRuns",
        2,
    ),
    (
        "state_machines_log_no_data",
        "schedule.yaml",
        "AWS::StepFunctions::StateMachine",
        "Properties.LoggingConfiguration.IncludeExecutionData",
        True,
    ),
    (
        "trails_are_complete",
        "audit.yaml",
        "AWS::CloudTrail::Trail",
        "Properties.EnableLogFileValidation",
        False,
    ),
    (
        "trails_are_complete",
        "audit.yaml",
        "AWS::CloudTrail::Trail",
        "Properties.AdvancedEventSelectors",
        DELETE,
    ),
    (
        "topics_are_encrypted_by_kms",
        "audit.yaml",
        "AWS::SNS::Topic",
        "Properties.KmsMasterKeyId",
        DELETE,
    ),
    (
        "results_of_queries_are_encrypted",
        "catalog.yaml",
        "AWS::Athena::WorkGroup",
        "Properties.WorkGroupConfiguration.EnforceWorkGroupConfiguration",
        False,
    ),
]


@pytest.mark.parametrize(("rule", "name", "kind", "path", "value"), _MUTATIONS)
def test_rule_fails_on_a_changed_template(
    rule: str, name: str, kind: str, path: str, value: object
) -> None:
    assert _find_violation(change(read_template(name), kind, path, value), rule)


_DENIALS = [
    ("bucket_policies_require_tls", "storage.yaml", "RequireTls"),
    ("queue_policies_require_tls", "trigger.yaml", "OnlyTls"),
    ("topic_policies_require_tls", "audit.yaml", "RequireTls"),
    ("access_log_cannot_be_deleted", "storage.yaml", "KeepAccessLog"),
]


@pytest.mark.parametrize(("rule", "name", "sid"), _DENIALS)
def test_rule_fails_without_its_denial(rule: str, name: str, sid: str) -> None:
    changed = change_statement(read_template(name), sid, lambda statement: statement.clear())
    assert _find_violation(changed, rule)


@pytest.mark.parametrize("kind", ["AWS::EC2::NatGateway", "AWS::EC2::InternetGateway"])
def test_rule_fails_on_a_way_to_the_internet(kind: str) -> None:
    changed = add_resource(read_template("network.yaml"), kind)
    assert _find_violation(changed, "subnets_are_private")


def test_every_rule_applies_to_a_template_and_is_seen_to_fail() -> None:
    changed = {rule for rule, *_ in _MUTATIONS} | {rule for rule, *_ in _DENIALS}
    applied = {
        rule
        for name in list_templates()
        for rule in _validate(read_template(name), _RULES)["compliant"]
    }
    assert changed == _NAMES
    assert applied == _NAMES
