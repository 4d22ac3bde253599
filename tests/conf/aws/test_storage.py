"""Check storage.yaml: tables and secret as the code expects them, retention, events of uploads."""

from __future__ import annotations

import secrets
import string
from typing import Any

import pytest

from jobs.aws.deploy.templates import read_template
from jobs.aws.trigger import batch_table
from jobs.common.mapping_store import table_design
from jobs.common.secrets.key_ring import parse_secret
from safelight.key_strength import MINIMUM_KEY_BYTES
from tests.conf.aws.stacks import Stack, bucket, key_arn


def _properties(identifier: str) -> dict[str, Any]:
    properties: dict[str, Any] = Stack(read_template("storage.yaml")).resources[identifier][
        "Properties"
    ]
    return properties


def test_the_table_of_the_mapping_has_its_design() -> None:
    properties = _properties("MappingTable")
    assert table_design.has_design(properties)
    assert properties["GlobalSecondaryIndexes"] == list(table_design.GLOBAL_SECONDARY_INDEXES)
    assert properties["AttributeDefinitions"] == list(table_design.ATTRIBUTE_DEFINITIONS)


def test_the_table_of_batches_has_its_key_and_expiry() -> None:
    properties = _properties("BatchesTable")
    (key,) = properties["KeySchema"]
    assert key == {"AttributeName": batch_table.KEY_ATTRIBUTE, "KeyType": "HASH"}
    assert properties["TimeToLiveSpecification"] == {
        "AttributeName": batch_table.EXPIRY_ATTRIBUTE,
        "Enabled": True,
    }


def test_a_generated_secret_is_a_key() -> None:
    wanted = _properties("KeySecret")["GenerateSecretString"]
    assert wanted["ExcludePunctuation"]
    text = "".join(
        secrets.choice(string.ascii_letters + string.digits)
        for _ in range(wanted["PasswordLength"])
    )
    assert len(parse_secret(text.encode()).key) >= MINIMUM_KEY_BYTES


def test_only_raw_uploads_send_events() -> None:
    sending = {
        identifier
        for identifier, properties in Stack(read_template("storage.yaml"))
        .by_type("AWS::S3::Bucket")
        .items()
        if "NotificationConfiguration" in properties
    }
    assert sending == {"RawBucket"}


def test_the_audit_bucket_is_locked_for_six_years() -> None:
    properties = _properties("AuditBucket")
    assert properties["ObjectLockEnabled"] is True
    retention = properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention["Mode"] == "COMPLIANCE"
    assert int(retention["Days"]) >= 6 * 365


@pytest.mark.parametrize(
    ("identifier", "suffix", "key"),
    [
        ("RawBucket", "raw", "RawKey"),
        ("CleanBucket", "clean", "CleanKey"),
        ("TablesBucket", "tables", "CleanKey"),
        ("RestrictedBucket", "restricted", "RestrictedKey"),
        ("ControlBucket", "control", "ControlKey"),
        ("AuditBucket", "audit", "ControlKey"),
    ],
)
def test_each_bucket_has_its_name_and_key(identifier: str, suffix: str, key: str) -> None:
    properties = _properties(identifier)
    assert properties["BucketName"] == bucket(suffix)
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key_arn(key)


@pytest.mark.parametrize(("days", "rules"), [("0", 1), ("30", 2)])
def test_originals_expire_on_request_only(days: str, rules: int) -> None:
    stack = Stack(read_template("storage.yaml"), RawRetentionDays=days)
    properties = stack.resources["RawBucket"]["Properties"]
    assert len(properties["LifecycleConfiguration"]["Rules"]) == rules


def test_data_stores_are_optional() -> None:
    stack = Stack(read_template("storage.yaml"), RawDatastore="no", CleanDatastore="no")
    assert stack.by_type("AWS::HealthImaging::Datastore") == {}
