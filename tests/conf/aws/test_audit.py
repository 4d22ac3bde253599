"""Check audit.yaml: events that raise an alarm, in moto's EventBridge, and the dashboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from jobs.aws.deploy.templates import read_template
from tests.conf.aws.stacks import ACCOUNT, REGION, Stack, bucket, role_arn

_WHO = f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/somebody"
_KEY = "Doe^Jane/19700101.dcm"

#: Parts of an event that a message may have; a request may hold PHI.
_SHOWN = {"$.time", "$.detail.userIdentity.arn", "$.detail.eventName", "$.detail.jobRunId"}
_SHOWN |= {"$.detail.jobId"}


def _call(source: str, name: str, **detail: Any) -> tuple[str, str, dict[str, Any]]:
    identity = {"eventName": name, "userIdentity": {"arn": _WHO}}
    return source, "AWS API Call via CloudTrail", {**identity, **detail}


@pytest.fixture(scope="module")
def queue() -> Iterator[str]:
    """Create the rules of the template in moto, with a queue as their target."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "test")
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        url = boto3.client("sqs", REGION).create_queue(QueueName="alarms")["QueueUrl"]
        events = boto3.client("events", REGION)
        stack = Stack(read_template("audit.yaml"), CleanDatastoreId="1" * 32)
        for rule in stack.by_type("AWS::Events::Rule").values():
            pattern = json.dumps(rule["EventPattern"])
            events.put_rule(Name=rule["Name"], EventPattern=pattern, State="ENABLED")
            (target,) = rule["Targets"]
            arn = f"arn:aws:sqs:{REGION}:123456789012:alarms"
            events.put_targets(Rule=rule["Name"], Targets=[{**target, "Arn": arn}])
        yield url


def _messages(queue: str, source: str, kind: str, detail: dict[str, Any]) -> list[str]:
    entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail)}
    boto3.client("events", REGION).put_events(Entries=[entry])
    sqs = boto3.client("sqs", REGION)
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in received:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in received]


_ALARMS = [
    _call("aws.sts", "AssumeRole", requestParameters={"roleArn": role_arn("reidentifier")}),
    _call(
        "aws.s3",
        "GetObject",
        errorCode="AccessDenied",
        requestParameters={"bucketName": bucket("raw"), "key": _KEY},
    ),
    _call(
        "aws.dynamodb",
        "Scan",
        errorCode="AccessDeniedException",
        requestParameters={"tableName": "safelight-mapping"},
    ),
    _call(
        "aws.secretsmanager",
        "GetSecretValue",
        errorCode="AccessDenied",
        requestParameters={"secretId": "safelight/key"},
    ),
    _call("aws.kms", "ScheduleKeyDeletion"),
    _call("aws.s3", "PutBucketPolicy", requestParameters={"bucketName": bucket("raw")}),
    _call("aws.cloudtrail", "StopLogging"),
    (
        "aws.emr-serverless",
        "EMR Serverless Job Run State Change",
        {"applicationId": "00f1", "state": "FAILED", "jobRunId": "00run"},
    ),
    (
        "aws.medical-imaging",
        "Import Job Failed",
        {"datastoreId": "1" * 32, "jobId": "job-1", "jobName": _KEY, "inputS3Uri": _KEY},
    ),
]


@pytest.mark.parametrize(("source", "kind", "detail"), _ALARMS)
def test_an_event_raises_one_alarm_without_its_request(
    queue: str, source: str, kind: str, detail: dict[str, Any]
) -> None:
    (message,) = _messages(queue, source, kind, detail)
    assert message.strip('"').startswith("Safelight: ")
    assert _KEY not in message


_ORDINARY = [
    _call("aws.sts", "AssumeRole", requestParameters={"roleArn": role_arn("job")}),
    _call("aws.s3", "GetObject", requestParameters={"bucketName": bucket("raw"), "key": _KEY}),
    _call(
        "aws.s3",
        "GetObject",
        errorCode="AccessDenied",
        requestParameters={"bucketName": "another", "key": _KEY},
    ),
    _call("aws.kms", "Decrypt"),
    (
        "aws.emr-serverless",
        "EMR Serverless Job Run State Change",
        {"applicationId": "00f1", "state": "SUCCESS", "jobRunId": "00run"},
    ),
]


@pytest.mark.parametrize(("source", "kind", "detail"), _ORDINARY)
def test_an_ordinary_event_raises_no_alarm(
    queue: str, source: str, kind: str, detail: dict[str, Any]
) -> None:
    assert _messages(queue, source, kind, detail) == []


def test_messages_show_nothing_of_a_request() -> None:
    rules = Stack(read_template("audit.yaml")).by_type("AWS::Events::Rule").values()
    for rule in rules:
        (target,) = rule["Targets"]
        assert set(target["InputTransformer"]["InputPathsMap"].values()) <= _SHOWN


def test_every_metric_alarm_is_sent() -> None:
    alarms = Stack(read_template("audit.yaml")).by_type("AWS::CloudWatch::Alarm").values()
    assert all(alarm["AlarmActions"] for alarm in alarms)
    # The policy of the topic names them by their beginning.
    assert all(alarm["AlarmName"].startswith("safelight-") for alarm in alarms)


def test_the_trail_records_originals_the_mapping_and_images() -> None:
    (trail,) = Stack(read_template("audit.yaml")).by_type("AWS::CloudTrail::Trail").values()
    recorded = {
        value
        for selector in trail["AdvancedEventSelectors"]
        for field in selector["FieldSelectors"]
        for value in [*field.get("Equals", []), *field.get("StartsWith", [])]
    }
    assert f"arn:aws:s3:::{bucket('raw')}/" in recorded
    assert f"arn:aws:s3:::{bucket('restricted')}/" in recorded
    assert f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/safelight-mapping" in recorded
    assert {"Management", "AWS::MedicalImaging::Datastore"} <= recorded


def test_the_dashboard_is_json_with_widgets_that_do_not_overlap() -> None:
    (dashboard,) = Stack(read_template("audit.yaml")).by_type("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"])["widgets"]
    places = {(widget["x"], widget["y"]) for widget in widgets}
    assert len(places) == len(widgets) == 8
