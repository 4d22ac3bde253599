from __future__ import annotations

import pytest

from jobs.aws.trigger.deployment import find_deployment, find_queue_url
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage.location import Location


def test_names_are_those_of_the_templates(control: Location) -> None:
    deployment = find_deployment("hospital")
    assert deployment.control.uri == ("s3://hospital-123456789012-us-east-1-control/trigger")
    assert deployment.raw_bucket == "hospital-123456789012-us-east-1-raw"
    assert deployment.batches_table == "hospital-batches"
    assert deployment.queue == "hospital-uploads"
    assert deployment.dead_letter_queue == "hospital-uploads-dead"


def test_given_places_win(control: Location) -> None:
    deployment = find_deployment("hospital", "s3://control/trigger", "uploads")
    assert (deployment.control.uri, deployment.raw_bucket) == ("s3://control/trigger", "uploads")


def test_a_local_control_folder_is_refused(control: Location) -> None:
    with pytest.raises(UsageError, match="--control must be a folder on S3"):
        find_deployment("hospital", "/control")


def test_a_missing_queue_is_one_sentence(control: Location) -> None:
    with pytest.raises(JobError, match="the queue absent-uploads cannot be found"):
        find_queue_url("absent-uploads")
