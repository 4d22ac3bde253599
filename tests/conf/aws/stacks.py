"""Resolve the intrinsic functions of a template, as CloudFormation does for one account."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Optional

from safelight.pseudonyms import Pseudonyms

ACCOUNT = "111122223333"
REGION = "us-east-1"
NAME = "safelight"
UID_ROOT = "1.2.826.0.1.3680043.10.1234.7"

_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": NAME,
}
_NO_VALUE = object()


def bucket(suffix: str) -> str:
    """Return the name of a bucket."""
    return f"{NAME}-{ACCOUNT}-{REGION}-{suffix}"


def object_arn(suffix: str, key: str) -> str:
    """Return the ARN of an object.

    Parameters
    ----------
    suffix : str
        End of the name of the bucket.
    key : str
        Key of the object.
    """
    return f"arn:aws:s3:::{bucket(suffix)}/{key}"


def role_arn(name: str) -> str:
    """Return the ARN of a role by the end of its name."""
    return f"arn:aws:iam::{ACCOUNT}:role/{NAME}-{name}"


def key_arn(logical_id: str) -> str:
    """Return the ARN of a key of storage.yaml by its logical ID."""
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{logical_id}"


def table_arn(suffix: str) -> str:
    """Return the ARN of a DynamoDB table."""
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{NAME}-{suffix}"


SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{NAME}/key-AbCdEf"
RELEASE_SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{NAME}/release-key-GhIjKl"
RAW_STORE_ARN = f"arn:aws:medical-imaging:{REGION}:{ACCOUNT}:datastore/{'0' * 32}"
CLEAN_STORE_ARN = f"arn:aws:medical-imaging:{REGION}:{ACCOUNT}:datastore/{'1' * 32}"
APPLICATION_ARN = f"arn:aws:emr-serverless:{REGION}:{ACCOUNT}:/applications/00f1"
BOUNDARY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/{NAME}-boundary"
ENDPOINT = "vpce-0123"

#: Outputs of other stacks, as main.yaml passes them.
_PASSED = {
    "Name": NAME,
    "RawKeyArn": key_arn("RawKey"),
    "CleanKeyArn": key_arn("CleanKey"),
    "RestrictedKeyArn": key_arn("RestrictedKey"),
    "ControlKeyArn": key_arn("ControlKey"),
    "KeySecretArn": SECRET_ARN,
    "ReleaseKeySecretArn": RELEASE_SECRET_ARN,
    "RawDatastoreArn": RAW_STORE_ARN,
    "CleanDatastoreArn": CLEAN_STORE_ARN,
    "RawDatastoreId": "0" * 32,
    "CleanDatastoreId": "1" * 32,
    "DatastoreId": "1" * 32,
    "ApplicationArn": APPLICATION_ARN,
    "ApplicationId": "00f1",
    "S3EndpointId": ENDPOINT,
    "BoundaryArn": BOUNDARY_ARN,
    "UidPrefix": Pseudonyms(bytes(range(32)), "study-a", uid_root=UID_ROOT).uid_prefix,
    "Release": "first",
    "Recipient": "university",
    "ExternalId": "an-identifier-of-theirs",
    "PrincipalArn": "arn:aws:iam::444455556666:root",
    "RawBucketName": bucket("raw"),
    "AlarmTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:{NAME}-alarms",
}


class Stack:
    """Resources of a template for one account.

    Parameters
    ----------
    template : dict
        Template with the long form of intrinsic functions.
    **parameters : str
        Parameters that differ from the defaults and from what other stacks pass.
    """

    def __init__(self, template: dict[str, Any], **parameters: str):
        declared = template.get("Parameters", {})
        self._template = template
        self._parameters = {
            name: parameters.get(name, _PASSED.get(name, value.get("Default", f"value-of-{name}")))
            for name, value in declared.items()
        }
        for name, value in declared.items():
            if value["Type"] == "CommaDelimitedList" or value["Type"].startswith("List<"):
                self._parameters[name] = str(self._parameters[name]).split(",")
        self._conditions = template.get("Conditions", {})
        self.resources: dict[str, dict[str, Any]] = {
            identifier: self._resolve(resource)
            for identifier, resource in template["Resources"].items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }

    def by_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of a type by logical ID."""
        return {
            identifier: resource.get("Properties", {})
            for identifier, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def _holds(self, name: str) -> bool:
        return bool(self._resolve(self._conditions[name]))

    def _resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            items = [self._resolve(item) for item in node]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, value = next(iter(node.items()))
            if name == "Ref":
                return self._reference(value)
            if name.startswith("Fn::"):
                return getattr(self, "_" + name[4:].lower())(value)
        members = {name: self._resolve(value) for name, value in node.items()}
        return {name: value for name, value in members.items() if value is not _NO_VALUE}

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self._parameters:
            return self._parameters[name]
        properties = self._template["Resources"][name].get("Properties", {})
        kind = self._template["Resources"][name]["Type"]
        if kind == "AWS::SecretsManager::Secret":
            return RELEASE_SECRET_ARN if name == "ReleaseKeySecret" else SECRET_ARN
        if kind == "AWS::IAM::ManagedPolicy":
            return f"arn:aws:iam::{ACCOUNT}:policy/{self._resolve(properties['ManagedPolicyName'])}"
        for own in ("BucketName", "RoleName", "TableName", "Name", "FunctionName"):
            if own in properties:
                return self._resolve(properties[own])
        return f"{name}-id"

    def _getatt(self, value: Any) -> str:
        name, attribute = value
        resource = self._template["Resources"][name]
        properties = resource.get("Properties", {})
        if attribute == "Arn":
            own = self._arn(resource["Type"], name, properties)
            if own is not None:
                return own
        return f"{name}.{attribute}"

    def _arn(self, kind: str, name: str, properties: dict[str, Any]) -> Optional[str]:
        if kind == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{self._resolve(properties['BucketName'])}"
        if kind == "AWS::KMS::Key":
            return key_arn(name)
        if kind == "AWS::IAM::Role":
            return f"arn:aws:iam::{ACCOUNT}:role/{self._resolve(properties['RoleName'])}"
        if kind == "AWS::DynamoDB::Table":
            name = self._resolve(properties["TableName"])
            return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"
        return None

    def _sub(self, value: Any) -> str:
        text, variables = value if isinstance(value, list) else (value, {})

        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in variables:
                return str(self._resolve(variables[name]))
            if "." in name and name.split(".")[0] in self._template["Resources"]:
                return self._getatt(name.split(".", 1))
            return str(self._reference(name))

        return re.sub(r"\$\{([^}]+)\}", replace, text)

    def _if(self, value: Any) -> Any:
        name, then, otherwise = value
        return self._resolve(then if self._holds(name) else otherwise)

    def _equals(self, value: Any) -> bool:
        first, second = (str(self._resolve(part)) for part in value)
        return first == second

    def _not(self, value: Any) -> bool:
        return not self._condition(value[0])

    def _and(self, value: Any) -> bool:
        return all(self._condition(part) for part in value)

    def _or(self, value: Any) -> bool:
        return any(self._condition(part) for part in value)

    def _condition(self, node: Any) -> bool:
        if isinstance(node, dict) and "Condition" in node:
            return self._holds(node["Condition"])
        return bool(self._resolve(node))

    def _join(self, value: Any) -> str:
        return str(value[0]).join(str(item) for item in self._resolve(value[1]))

    def _split(self, value: Any) -> list[str]:
        return str(self._resolve(value[1])).split(value[0])

    def _select(self, value: Any) -> Any:
        return self._resolve(value[1])[int(self._resolve(value[0]))]

    def _cidr(self, value: Any) -> list[str]:
        block, count, bits = value
        network = ipaddress.ip_network(self._resolve(block))
        subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits))
        return [str(subnet) for subnet, _ in zip(subnets, range(int(count)))]

    def _getazs(self, _: Any) -> list[str]:
        return [f"{REGION}{zone}" for zone in "abc"]

    def _tojsonstring(self, value: Any) -> str:
        return str(self._resolve(value))
