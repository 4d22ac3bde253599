"""Check that the names in policies, patterns and alarms are those of resources of the templates."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator

import pytest

from jobs.aws.deploy.templates import list_templates, read_template
from tests.conf.aws.stacks import NAME, Stack, bucket

#: Type of a resource, property with its name, and pattern that finds names of others.
_KINDS = [
    ("AWS::IAM::Role", "RoleName", r":role/([\w*-]+)"),
    ("AWS::DynamoDB::Table", "TableName", r":table/([\w*-]+)"),
    ("AWS::SQS::Queue", "QueueName", r":sqs:[\w-]*:\d*:([\w*-]+)"),
    ("AWS::Lambda::Function", "FunctionName", r":function:([\w*-]+)"),
    ("AWS::StepFunctions::StateMachine", "StateMachineName", r":stateMachine:([\w*-]+)"),
    ("AWS::S3::Bucket", "BucketName", rf"({bucket('')}[\w*-]+)"),
    ("AWS::SNS::Topic", "TopicName", rf":sns:[\w-]*:\d*:({NAME}[\w*-]+)"),
]


def _stacks() -> Iterator[Stack]:
    for name in list_templates():
        yield Stack(read_template(name), Sftp="yes", Partner="hospital-a")


@pytest.mark.parametrize(("kind", "own", "pattern"), _KINDS)
def test_a_name_that_is_used_is_that_of_a_resource(kind: str, own: str, pattern: str) -> None:
    stacks = list(_stacks())
    names = {properties[own] for stack in stacks for properties in stack.by_type(kind).values()}
    text = json.dumps([stack.resources for stack in stacks])
    used = {name for name in re.findall(pattern, text) if name.startswith(NAME)}
    assert names
    assert {name for name in used if not fnmatch.filter(names, name)} == set()


def test_names_of_resources_are_unique() -> None:
    for kind, own, _ in _KINDS:
        names = [p[own] for stack in _stacks() for p in stack.by_type(kind).values()]
        assert sorted(names) == sorted(set(names))
