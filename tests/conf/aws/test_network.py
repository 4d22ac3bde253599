"""Check network.yaml: no way out, and endpoints that let the jobs do what they may do."""

from __future__ import annotations

import pytest

from jobs.aws.deploy.templates import read_template
from tests.conf.aws.policies import as_list, make_account, statements
from tests.conf.aws.stacks import Stack

#: Roles of runs, which work inside the VPC.
_JOBS = ("job", "exporter", "importer")


def test_no_route_leaves_the_vpc() -> None:
    kinds = {resource["Type"] for resource in read_template("network.yaml")["Resources"].values()}
    ways_out = {
        "AWS::EC2::Route",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::NatGateway",
        "AWS::EC2::EgressOnlyInternetGateway",
        "AWS::EC2::TransitGatewayAttachment",
        "AWS::EC2::VPCPeeringConnection",
        "AWS::EC2::VPNGateway",
    }
    assert kinds & ways_out == set()


@pytest.mark.parametrize(
    ("endpoint", "service"),
    [
        ("S3Endpoint", "s3"),
        ("DynamoDbEndpoint", "dynamodb"),
        ("SecretsManagerEndpoint", "secretsmanager"),
    ],
)
def test_the_policy_of_an_endpoint_allows_what_jobs_do(endpoint: str, service: str) -> None:
    stack = Stack(read_template("network.yaml"))
    policy = stack.resources[endpoint]["Properties"]["PolicyDocument"]
    passed = {action for s in statements(policy) for action in as_list(s["Action"])}
    roles = make_account().roles
    used = {
        action
        for name in _JOBS
        for role_policy in roles[name].policies
        for statement in statements(role_policy)
        for action in as_list(statement["Action"])
        if action.startswith(f"{service}:")
    }
    assert used - passed == set()


def test_the_endpoint_of_s3_reaches_no_bucket_of_another_account() -> None:
    stack = Stack(read_template("network.yaml"))
    policy = stack.resources["S3Endpoint"]["Properties"]["PolicyDocument"]
    own, of_aws = statements(policy)
    assert own["Condition"] == {"StringEquals": {"aws:ResourceAccount": "111122223333"}}
    assert of_aws["Action"] == "s3:GetObject"
    assert not any(arn.startswith("arn:aws:s3:::*") for arn in as_list(of_aws["Resource"]))


def test_only_endpoints_that_jobs_need_exist_by_default() -> None:
    stack = Stack(read_template("network.yaml"))
    services = {
        properties["ServiceName"].removeprefix("com.amazonaws.us-east-1.")
        for properties in stack.by_type("AWS::EC2::VPCEndpoint").values()
        if properties["VpcEndpointType"] == "Interface"
    }
    imaging = {"medical-imaging", "runtime-medical-imaging", "dicom-medical-imaging"}
    assert services == {"secretsmanager"} | imaging
