"""Decide requests by policies, as IAM does ("Policy evaluation logic", IAM User Guide).

It covers what the templates use: identity policies, a permissions boundary, policies of buckets,
keys, tables and secrets, and the operators of their conditions.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.aws.deploy.templates import list_templates, read_template
from tests.conf.aws.stacks import ACCOUNT, BOUNDARY_ARN, ENDPOINT, Stack, role_arn

Policy = Mapping[str, Any]

#: Context of each request of a role of the account: TLS 1.3, through the endpoint of the VPC.
_CONTEXT: dict[str, Any] = {
    "aws:SecureTransport": "true",
    "s3:TlsVersion": "1.3",
    "aws:PrincipalIsAWSService": "false",
    "aws:ViaAWSService": "false",
    "aws:PrincipalAccount": ACCOUNT,
    "aws:ResourceAccount": ACCOUNT,
    "aws:SourceVpce": ENDPOINT,
}


def as_list(value: Any) -> list[Any]:
    """Return a value as a list; policies may hold one or several in many places."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def statements(policy: Policy) -> list[dict[str, Any]]:
    """Return the statements of a policy."""
    return as_list(policy["Statement"])


@dataclass
class Role:
    """A role, its policies and its boundary."""

    name: str
    arn: str
    trust: Policy
    policies: list[Policy]
    boundary: Policy | None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Account:
    """All roles, and the policies of resources by the beginning of their ARN."""

    roles: dict[str, Role]
    resource_policies: dict[str, Policy]

    def allows(self, role: str, action: str, resource: str, **context: Any) -> bool:
        """Return whether a role may do an action.

        Parameters
        ----------
        role : str
            Name of the role.
        action : str
            Action, such as ``s3:GetObject``.
        resource : str
            ARN of the resource.
        **context : object
            Values of condition keys; ``__`` is a colon. ``None`` removes a value.
        """
        requester = self.roles[role]
        values = {**_CONTEXT, "aws:PrincipalArn": requester.arn}
        values |= {name.replace("__", ":"): value for name, value in context.items()}
        values = {name: value for name, value in values.items() if value is not None}
        own = [self.resource_policies[arn] for arn in self._covering(resource)]
        granted = any(_decides(p, "Allow", action, resource, values) for p in requester.policies)
        if requester.boundary is not None:
            granted &= _decides(requester.boundary, "Allow", action, resource, values)
            own.append(requester.boundary)
        if action.startswith("kms:"):
            granted &= any(
                _decides(p, "Allow", action, "*", values, resource_policy=True) for p in own
            )
        denied = any(
            _decides(policy, "Deny", action, resource, values)
            for policy in [*requester.policies, *own]
        )
        return granted and not denied

    def who(self, action: str, resource: str, **context: Any) -> set[str]:
        """Return the names of the roles that may do an action; see :meth:`allows`.

        Parameters
        ----------
        action : str
            Action.
        resource : str
            ARN of the resource.
        **context : object
            Values of condition keys.
        """
        return {name for name in self.roles if self.allows(name, action, resource, **context)}

    def _covering(self, resource: str) -> Iterator[str]:
        for arn in self.resource_policies:
            if resource == arn or resource.startswith((f"{arn}/", f"{arn}-")):
                yield arn


def make_account(changed: Mapping[str, dict[str, Any]] | None = None, **parameters: str) -> Account:
    """Return the roles and the policies of all templates.

    Parameters
    ----------
    changed : mapping, optional
        Templates that replace those of conf/aws, by file name.
    **parameters : str
        Parameters of the templates.
    """
    templates = {name: read_template(name) for name in list_templates()} | dict(changed or {})
    stacks = [Stack(template, **parameters) for template in templates.values()]
    access = Stack(templates["access.yaml"], **parameters)
    boundary = access.by_type("AWS::IAM::ManagedPolicy")["Boundary"]["PolicyDocument"]
    roles = {}
    for stack in stacks:
        for identifier, properties in stack.by_type("AWS::IAM::Role").items():
            role = Role(
                properties["RoleName"].partition("-")[2],
                f"arn:aws:iam::{ACCOUNT}:role/{properties['RoleName']}",
                properties["AssumeRolePolicyDocument"],
                [entry["PolicyDocument"] for entry in properties.get("Policies", ())],
                boundary if properties.get("PermissionsBoundary") == BOUNDARY_ARN else None,
                stack.resources[identifier].get("Metadata", {}),
            )
            roles[role.name] = role
    policies = dict(_resource_policies(stacks))
    return Account(roles, policies)


def add_intruder(account: Account) -> None:
    """Add a role that may do everything, as an administrator who is not careful makes it."""
    everything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    account.roles["intruder"] = Role("intruder", role_arn("intruder"), {}, [everything], None)


def _resource_policies(stacks: Sequence[Stack]) -> Iterator[tuple[str, Policy]]:
    for stack in stacks:
        for properties in stack.by_type("AWS::S3::BucketPolicy").values():
            yield f"arn:aws:s3:::{properties['Bucket']}", properties["PolicyDocument"]
        for identifier, properties in stack.by_type("AWS::KMS::Key").items():
            yield f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{identifier}", properties["KeyPolicy"]
        for properties in stack.by_type("AWS::SecretsManager::ResourcePolicy").values():
            yield properties["SecretId"], properties["ResourcePolicy"]
        for properties in stack.by_type("AWS::DynamoDB::Table").values():
            if "ResourcePolicy" in properties:
                arn = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{properties['TableName']}"
                yield arn, properties["ResourcePolicy"]["PolicyDocument"]


def _decides(
    policy: Policy,
    effect: str,
    action: str,
    resource: str,
    context: Mapping[str, Any],
    resource_policy: bool = False,
) -> bool:
    return any(
        statement["Effect"] == effect
        and _concerns(statement, context, resource_policy)
        and _matches(statement["Action"], action, fold=True)
        and _covers(statement, resource)
        and holds(statement.get("Condition", {}), context)
        for statement in statements(policy)
    )


def _concerns(statement: Mapping[str, Any], context: Mapping[str, Any], required: bool) -> bool:
    """Return whether the principal of a statement is that of the request."""
    principal = statement.get("Principal")
    if principal is None:
        return not required
    if principal == "*":
        return True
    named = as_list(principal.get("AWS", []))
    return f"arn:aws:iam::{ACCOUNT}:root" in named or context["aws:PrincipalArn"] in named


def _covers(statement: Mapping[str, Any], resource: str) -> bool:
    """Return whether a statement is about a resource."""
    if "NotResource" in statement:
        return not _matches(statement["NotResource"], resource)
    return _matches(statement["Resource"], resource)


def _matches(patterns: Any, value: str, fold: bool = False) -> bool:
    if fold:
        return any(fnmatch.fnmatchcase(value.lower(), p.lower()) for p in as_list(patterns))
    return any(_like(value, pattern) for pattern in as_list(patterns))


def _like(value: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


#: Comparison of one value of the request with one value of the policy.
_COMPARISONS = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "NumericLessThan": lambda value, wanted: float(value) < float(wanted),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotLike": "StringLike",
    "ArnNotLike": "ArnLike",
}


def holds(condition: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    """Return whether the condition of a statement holds ("Condition operators", IAM User Guide).

    Parameters
    ----------
    condition : mapping
        Condition of a statement.
    context : mapping
        Values of condition keys.
    """
    return all(
        _holds_one(operator, context.get(key), [str(value) for value in as_list(wanted)])
        for operator, entries in condition.items()
        for key, wanted in entries.items()
    )


def _holds_one(operator: str, value: Any, wanted: list[str]) -> bool:
    if operator == "Null":
        return (value is None) == (wanted == ["true"])
    quantifier, _, base = operator.rpartition(":")
    if base.endswith("IfExists"):
        base = base.removesuffix("IfExists")
        if value is None:
            return True
    negated = base in _NEGATED
    compare = _COMPARISONS[_NEGATED.get(base, base)]
    if value is None:
        return quantifier == "ForAllValues" or (negated and not quantifier)
    results = [
        any(compare(str(item), pattern) for pattern in wanted) != negated for item in as_list(value)
    ]
    return all(results) if quantifier == "ForAllValues" else any(results)
