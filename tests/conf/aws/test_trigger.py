"""Deploy the stack of the trigger to moto: events of uploads, and nothing else, reach the queue."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from jobs.aws.deploy.templates import read_template

REGION = "us-east-1"
_EVENTS_ONLY = ("UploadQueue", "DeadLetterQueue", "UploadRule")
_PARAMETERS = {
    "RawBucketName": "raw",
    "RawPrefix": "uploads/",
    "ControlKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1",
    "CodeBucketName": "raw",
    "CodeKey": "code.zip",
    "ApplicationId": "00f1abc",
    "JobRoleArn": "arn:aws:iam::123456789012:role/safelight-job",
    "ControlUri": "s3://control/trigger",
    "LogUri": "s3://control/logs/",
    "BatchesTableName": "safelight-batches",
    "LeaseTableName": "safelight-lease",
    "OutputUri": "s3://clean/images",
    "TablesUri": "s3://tables/tables",
    "MappingUri": "s3://restricted/restricted",
    "KeyReference": "aws-secretsmanager:safelight/key",
}


@pytest.fixture
def queue_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Deploy the template and return the URL of the queue.

    A parameter names the resources to deploy. The function of moto takes all messages at once, and
    moto stops at a rule whose target is a function.
    """
    template = dict(read_template("trigger.yaml"))
    if names := getattr(request, "param", None):
        template["Resources"] = {name: template["Resources"][name] for name in names}
        del template["Outputs"]
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws(config={"lambda": {"use_docker": False}}):
        s3 = boto3.client("s3", REGION)
        s3.create_bucket(Bucket="raw")
        s3.put_bucket_notification_configuration(
            Bucket="raw", NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("jobs/aws/trigger/handler.py", "")
        s3.put_object(Bucket="raw", Key="code.zip", Body=code.getvalue())
        role = boto3.client("iam", REGION).create_role(
            RoleName="safelight-trigger", AssumeRolePolicyDocument="{}"
        )["Role"]["Arn"]
        values = _PARAMETERS | {"FunctionRoleArn": role}
        boto3.client("cloudformation", REGION).create_stack(
            StackName="trigger",
            TemplateBody=json.dumps(template),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in values.items()
            ],
        )
        yield boto3.client("sqs", REGION).get_queue_url(QueueName="safelight-uploads")["QueueUrl"]


def _receive(url: str) -> list[dict[str, Any]]:
    found = boto3.client("sqs", REGION).receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", ())]


@pytest.mark.parametrize("queue_url", [_EVENTS_ONLY], indirect=True)
def test_an_upload_and_a_deletion_reach_the_queue(queue_url: str) -> None:
    s3 = boto3.client("s3", REGION)
    s3.put_object(Bucket="raw", Key="uploads/hospital-a/1.dcm", Body=b"1")
    s3.delete_object(Bucket="raw", Key="uploads/hospital-a/1.dcm")
    kinds = [event["detail-type"] for event in _receive(queue_url)]
    assert kinds[:1] == ["Object Created"]  # moto sends no event of a deletion
    assert set(kinds) <= {"Object Created", "Object Deleted"}


@pytest.mark.parametrize("queue_url", [_EVENTS_ONLY], indirect=True)
def test_objects_elsewhere_reach_no_queue(queue_url: str) -> None:
    boto3.client("s3", REGION).put_object(Bucket="raw", Key="reports/1.dcm", Body=b"1")
    assert _receive(queue_url) == []


def test_messages_that_fail_go_to_the_dead_letter_queue(queue_url: str) -> None:
    attributes = boto3.client("sqs", REGION).get_queue_attributes(
        QueueUrl=queue_url, AttributeNames=["All"]
    )["Attributes"]
    redrive = json.loads(attributes["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"].endswith(":safelight-uploads-dead")
    timeout = read_template("trigger.yaml")["Resources"]["Function"]["Properties"]["Timeout"]
    assert int(attributes["VisibilityTimeout"]) >= 6 * timeout


def test_the_function_listens_to_the_queue(queue_url: str) -> None:
    client = boto3.client("lambda", REGION)
    (mapping,) = client.list_event_source_mappings()["EventSourceMappings"]
    assert mapping["EventSourceArn"].endswith(":safelight-uploads")
    environment = client.get_function(FunctionName="safelight-trigger")["Configuration"]
    assert environment["Environment"]["Variables"]["SAFELIGHT_RAW_BUCKET"] == "raw"
