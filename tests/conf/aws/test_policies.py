"""Check the policies of all templates: wildcards, trust, boundary, and limits of IAM."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobs.aws.deploy.templates import list_templates, read_template
from tests.conf.aws.mutations import DELETE, change, change_statement
from tests.conf.aws.policies import as_list, holds, make_account, statements
from tests.conf.aws.stacks import Stack

Template = dict[str, Any]

#: "IAM and AWS STS quotas": characters without white space.
_MAX_MANAGED_POLICY = 6_144
_MAX_INLINE_POLICIES = 10_240
_MAX_TRUST_POLICY = 2_048
#: "Amazon S3 bucket policies" and "Key policies in AWS KMS".
_MAX_BUCKET_POLICY = 20_480
_MAX_KEY_POLICY = 32_768


def _find_policies(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "Statement" in node and "Version" in node:
            yield node
        for value in node.values():
            yield from _find_policies(value)
    elif isinstance(node, list):
        for value in node:
            yield from _find_policies(value)


def find_unexplained_wildcards(template: Template) -> list[str]:
    """Return the statements that allow all actions or all resources without a reason.

    The policy of a key has the resource ``*``, which is the key itself.
    """
    found = []
    stack = Stack(template)
    for identifier, resource in stack.resources.items():
        reasons = resource.get("Metadata", {}).get("Safelight", {}).get("WildcardReasons", {})
        for policy in _find_policies(resource.get("Properties", {})):
            for statement in statements(policy):
                wide = any(
                    target == "*" or target.endswith((":*", "key/*", "datastore/*"))
                    for target in map(str, as_list(statement.get("Resource", "")))
                )
                wide &= resource["Type"] != "AWS::KMS::Key" and "log-group:" not in str(statement)
                wide |= any("*" in action for action in as_list(statement["Action"]))
                if wide and statement["Effect"] == "Allow" and statement.get("Sid") not in reasons:
                    found.append(f"{identifier}/{statement.get('Sid')}")
    return found


def find_confused_deputies(template: Template) -> list[str]:
    """Return the statements that trust a service, or another account, without a condition."""
    found = []
    for identifier, resource in Stack(template).resources.items():
        for policy in _find_policies(resource.get("Properties", {})):
            for statement in statements(policy):
                principal = statement.get("Principal")
                if statement["Effect"] != "Allow" or principal in (None, "*"):
                    continue
                keys = {
                    key
                    for operator, entries in statement.get("Condition", {}).items()
                    if operator in ("StringEquals", "ArnEquals", "ArnLike", "Null")
                    for key in entries
                }
                if "Service" in principal:
                    wanted = {"aws:SourceAccount", "aws:SourceArn"}
                    wanted |= {key for key in keys if key.startswith("kms:EncryptionContext:")}
                elif statement["Action"] == "sts:AssumeRole":
                    wanted = {"aws:PrincipalAccount", "sts:ExternalId"}
                else:
                    continue
                if not keys & wanted:
                    found.append(f"{identifier}/{statement.get('Sid')}")
    return found


def find_open_passes(template: Template) -> list[str]:
    """Return the statements that pass roles to any service, or any role."""
    found = []
    for identifier, properties in Stack(template).by_type("AWS::IAM::Role").items():
        for policy in _find_policies(properties):
            for statement in statements(policy):
                if "iam:PassRole" not in as_list(statement["Action"]):
                    continue
                limited = "iam:PassedToService" in statement.get("Condition", {}).get(
                    "StringEquals", {}
                )
                if not limited or any("*" in arn for arn in as_list(statement["Resource"])):
                    found.append(f"{identifier}/{statement.get('Sid')}")
    return found


def find_repeated_sids(template: Template) -> list[str]:
    """Return the statement IDs that a policy has twice, which IAM refuses."""
    found = []
    for policy in _find_policies(Stack(template).resources):
        sids = [statement["Sid"] for statement in statements(policy) if "Sid" in statement]
        found += [sid for sid in set(sids) if sids.count(sid) > 1]
    return found


def find_buckets_without_policy(template: Template) -> list[str]:
    """Return the buckets that no bucket policy protects."""
    resources = template["Resources"].items()
    buckets = {name for name, resource in resources if resource["Type"] == "AWS::S3::Bucket"}
    protected = {
        resource["Properties"]["Bucket"]["Ref"]
        for _, resource in resources
        if resource["Type"] == "AWS::S3::BucketPolicy"
    }
    return sorted(buckets - protected)


_CHECKS: list[Callable[[Template], list[str]]] = [
    find_unexplained_wildcards,
    find_confused_deputies,
    find_open_passes,
    find_repeated_sids,
    find_buckets_without_policy,
]


@pytest.mark.parametrize("name", list_templates())
@pytest.mark.parametrize("check", _CHECKS)
def test_template_has_no_finding(check: Callable[[Template], list[str]], name: str) -> None:
    assert check(read_template(name)) == []


def _edit(sid: str, **members: object) -> Callable[[Template], Template]:
    def edit(template: Template) -> Template:
        changed = change_statement(template, sid, lambda statement: statement.update(members))
        return {**template, "Resources": {**template["Resources"], **changed["Resources"]}}

    return edit


def _replace(kind: str, path: str, value: object) -> Callable[[Template], Template]:
    def edit(template: Template) -> Template:
        changed = change(template, kind, path, value)["Resources"]["Changed"]
        return {**template, "Resources": {**template["Resources"], kind: changed}}

    return edit


def _drop(identifier: str) -> Callable[[Template], Template]:
    def edit(template: Template) -> Template:
        changed = copy.deepcopy(template)
        del changed["Resources"][identifier]
        return changed

    return edit


_TRUST = "Properties.AssumeRolePolicyDocument.Statement.0.Condition"


@pytest.mark.parametrize(
    ("check", "name", "edit"),
    [
        (find_unexplained_wildcards, "access.yaml", _edit("StartNight", Resource="*")),
        (find_unexplained_wildcards, "access.yaml", _edit("ReadOriginals", Action="s3:Get*")),
        (find_unexplained_wildcards, "access.yaml", _replace("Boundary", "Metadata", DELETE)),
        (find_confused_deputies, "access.yaml", _replace("JobRole", _TRUST, {})),
        (find_confused_deputies, "access.yaml", _replace("ReidentifierRole", _TRUST, {})),
        (find_confused_deputies, "recipient.yaml", _replace("RecipientRole", _TRUST, {})),
        (find_confused_deputies, "storage.yaml", _edit("EncryptTrail", Condition={})),
        (find_confused_deputies, "audit.yaml", _edit("SendEvents", Condition={})),
        (find_open_passes, "access.yaml", _edit("GiveJobItsRole", Condition={})),
        (
            find_open_passes,
            "access.yaml",
            _edit("GiveJobItsRole", Resource="arn:aws:iam::1:role/*"),
        ),
        (find_repeated_sids, "access.yaml", _edit("ListResults", Sid="ReadResults")),
        (find_buckets_without_policy, "storage.yaml", _drop("AuditBucketPolicy")),
    ],
)
def test_check_fails_on_a_changed_template(
    check: Callable[[Template], list[str]], name: str, edit: Callable[[Template], Template]
) -> None:
    assert check(edit(read_template(name))) != []


def test_the_boundary_covers_what_roles_are_allowed() -> None:
    account = make_account()
    beyond = [
        f"{role.name}: {action}"
        for role in account.roles.values()
        for policy in role.policies
        for statement in statements(policy)
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
        if not any(
            action in as_list(limit["Action"])
            for limit in statements(role.boundary or {"Statement": []})
            if limit["Effect"] == "Allow"
        )
    ]
    assert beyond == []


#: Actions that change who may do what, or that destroy data with their policies.
_ADMINISTRATION = re.compile(
    r"iam:(?!PassRole)|sts:|:(Put|Delete|Attach|Detach|Set)\w*(Policy|Policies|Boundary|Acl)\b"
    r"|kms:(Schedule|Disable|Create|Put|Update|Re)|cloudtrail:|:(Delete|Create)(Bucket|Table|Secret)"
)


def test_the_boundary_keeps_roles_from_changing_permissions() -> None:
    boundary = make_account().roles["job"].boundary
    assert boundary is not None
    actions = [
        action
        for statement in statements(boundary)
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    ]
    # Step Functions sets the policy of its log by itself; a cluster assumes the role of the job.
    found = {action for action in actions if _ADMINISTRATION.search(action)}
    assert found == {"logs:PutResourcePolicy", "sts:AssumeRole", "sts:TagSession"}


def _size(policy: Any) -> int:
    return len(json.dumps(policy, separators=(",", ":")))


def test_policies_are_within_the_limits_of_aws() -> None:
    sizes: list[tuple[str, int, int]] = []
    for name in list_templates():
        # A long name and region make policies longer.
        stack = Stack(read_template(name), Name="a-name-of-15-ch")
        for identifier, resource in stack.resources.items():
            entries = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::ManagedPolicy":
                sizes.append((identifier, _size(entries["PolicyDocument"]), _MAX_MANAGED_POLICY))
            elif resource["Type"] == "AWS::IAM::Role":
                inline = sum(_size(p["PolicyDocument"]) for p in entries.get("Policies", ()))
                sizes.append((identifier, inline, _MAX_INLINE_POLICIES))
                trust = _size(entries["AssumeRolePolicyDocument"])
                sizes.append((identifier, trust, _MAX_TRUST_POLICY))
            elif resource["Type"] == "AWS::S3::BucketPolicy":
                sizes.append((identifier, _size(entries["PolicyDocument"]), _MAX_BUCKET_POLICY))
            elif resource["Type"] == "AWS::KMS::Key":
                sizes.append((identifier, _size(entries["KeyPolicy"]), _MAX_KEY_POLICY))
    assert [entry for entry in sizes if entry[1] > entry[2]] == []


@pytest.mark.parametrize("role", ["ReidentifierRole", "WithdrawerRole"])
def test_people_with_the_key_need_mfa_of_the_last_hour(role: str) -> None:
    properties = Stack(read_template("access.yaml")).resources[role]["Properties"]
    (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
    account = {"aws:PrincipalAccount": "111122223333"}
    mfa = {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "60"}
    assert holds(statement["Condition"], account | mfa)
    assert not holds(statement["Condition"], account)
    assert not holds(statement["Condition"], account | mfa | {"aws:MultiFactorAuthAge": "3601"})
    assert not holds(
        statement["Condition"], account | mfa | {"aws:MultiFactorAuthPresent": "false"}
    )
    assert properties["MaxSessionDuration"] == 3600
