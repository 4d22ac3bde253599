"""Deploy what an upload passes through on moto, with the names and settings of the templates."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from tests.jobs.aws.end_to_end.template_values import (
    default_parameters,
    read_properties,
    resolve,
)

#: Buckets of the templates.
BUCKETS = ("raw", "clean", "tables", "restricted", "control", "artifacts")

#: Properties of tables that have the same names in DynamoDB.
_TABLE_PROPERTIES = frozenset(
    {
        "TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes",
    }
)  # fmt: skip

#: Runs in tests read neither pixels nor free text, which takes minutes of models.
RUN_ARGUMENTS = "--pixels off --text off --namespace study-a"


@dataclass
class System:
    """Deployed system.

    Attributes
    ----------
    environment : mapping of str to str
        Variables with which clients find the server.
    release_uri : str
        Release of Safelight for the runs.
    arguments : str
        More arguments of the runs.
    prefix : str
        Prefix of the uploads.
    name : str
        Name of the deployment.
    """

    environment: Mapping[str, str]
    release_uri: str = "s3://artifacts/distribution/release.json"
    arguments: str = RUN_ARGUMENTS
    prefix: str = "in/"
    name: str = field(default_factory=lambda: f"e{secrets.token_hex(4)}")
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    application_id: str = ""
    queue_url: str = ""
    dead_letter_url: str = ""

    def client(self, service: str) -> Any:
        """Return a client of a service on the server."""
        return boto3.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=self.environment["AWS_DEFAULT_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )

    def identify(self, role: str) -> dict[str, str]:
        """Return the variables of a program that runs as a role.

        Moto checks no credentials; the access key says whose request it has recorded.
        """
        return {**self.environment, "AWS_ACCESS_KEY_ID": role}

    def bucket(self, kind: str) -> str:
        """Return the name of a bucket."""
        return f"{self.name}-123456789012-us-east-1-{kind}"

    def deploy(self) -> None:
        """Create the resources."""
        for kind in BUCKETS:
            self.client("s3").create_bucket(Bucket=self.bucket(kind))
        self.client("s3").put_bucket_versioning(
            Bucket=self.bucket("raw"), VersioningConfiguration={"Status": "Enabled"}
        )
        self.client("secretsmanager").create_secret(
            Name=f"{self.name}/key", SecretString=self.key.hex()
        )
        for resource in ("LeaseTable", "BatchesTable", "MappingTable"):
            self._create_table(resource)
        self.application_id = self.client("emr-serverless").create_application(
            name=self.name, releaseLabel="emr-7.14.0", type="SPARK", clientToken=self.name
        )["applicationId"]
        self._create_queues()
        self._connect_uploads()

    def _create_table(self, resource: str) -> None:
        known = default_parameters("storage.yaml") | {
            "Name": self.name,
            "ControlKey.Arn": "key",
            "RestrictedKey.Arn": "key",
        }
        wanted = {
            name: resolve("storage.yaml", value, known)
            for name, value in read_properties("storage.yaml", resource).items()
            if name in _TABLE_PROPERTIES
        }
        self.client("dynamodb").create_table(**wanted)

    def _create_queues(self) -> None:
        sqs = self.client("sqs")
        self.dead_letter_url = sqs.create_queue(QueueName=f"{self.name}-uploads-dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self.dead_letter_url, AttributeNames=["QueueArn"])[
            "Attributes"
        ]["QueueArn"]
        properties = read_properties("trigger.yaml", "UploadQueue")
        redrive = properties["RedrivePolicy"] | {"deadLetterTargetArn": arn}
        self.queue_url = sqs.create_queue(
            QueueName=f"{self.name}-uploads",
            Attributes={"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "0"},
        )["QueueUrl"]

    def _connect_uploads(self) -> None:
        """Send the events of the bucket to the queue, by the rule of the template."""
        self.client("s3").put_bucket_notification_configuration(
            Bucket=self.bucket("raw"), NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        known = self.parameters()
        rule = resolve(
            "trigger.yaml", read_properties("trigger.yaml", "UploadRule")["EventPattern"], known
        )
        events, name = self.client("events"), f"{self.name}-uploads"
        events.put_rule(Name=name, EventPattern=json.dumps(rule))
        arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])

    def parameters(self) -> dict[str, str]:
        """Return the parameters of trigger.yaml, as main.yaml passes them."""
        outputs = {
            "Storage.Outputs.ControlKeyArn": "arn:aws:kms:us-east-1:123456789012:key/control",
            "Access.Outputs.TriggerRoleArn": "arn:aws:iam::123456789012:role/trigger",
            "Access.Outputs.JobRoleArn": "arn:aws:iam::123456789012:role/job",
            "Compute.Outputs.ApplicationId": self.application_id,
        }
        given = default_parameters("main.yaml") | {
            "Name": self.name,
            "RawPrefix": self.prefix,
            "CodeKey": "code/functions.zip",
            "ReleaseUri": self.release_uri,
            "RunArguments": self.arguments,
            "QuietSeconds": "0",
        }
        passed = read_properties("main.yaml", "Trigger")["Parameters"]
        return default_parameters("trigger.yaml") | resolve("main.yaml", passed, given | outputs)

    @property
    def function(self) -> dict[str, Any]:
        """Return the properties of the function: its handler and its variables."""
        properties = read_properties("trigger.yaml", "Function")
        known = self.parameters() | {"Log": "log"}
        return {
            "Handler": properties["Handler"],
            "Variables": resolve("trigger.yaml", properties["Environment"]["Variables"], known),
        }

    def upload(self, folder: Path) -> list[str]:
        """Upload the files of a folder, and return their keys."""
        keys = []
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            keys.append(f"{self.prefix}{path.relative_to(folder)}")
            self.client("s3").put_object(
                Bucket=self.bucket("raw"), Key=keys[-1], Body=path.read_bytes()
            )
        return keys

    def list_objects(self, kind: str, prefix: str = "") -> dict[str, bytes]:
        """Return the objects of a bucket."""
        s3, bucket = self.client("s3"), self.bucket(kind)
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def list_items(self, table: str) -> list[dict[str, Any]]:
        """Return the items of a table of DynamoDB."""
        items: list[dict[str, Any]] = self.client("dynamodb").scan(
            TableName=f"{self.name}-{table}"
        )["Items"]
        return items

    def list_runs(self) -> list[dict[str, Any]]:
        """Return the job runs of the application, the oldest first."""
        client = self.client("emr-serverless")
        try:
            found = client.list_job_runs(applicationId=self.application_id)["jobRuns"]
        except client.exceptions.ResourceNotFoundException:  # moto, before the first run
            return []
        runs = [
            client.get_job_run(applicationId=self.application_id, jobRunId=run["id"])["jobRun"]
            for run in found
        ]
        return sorted(runs, key=lambda run: str(run["createdAt"]))
