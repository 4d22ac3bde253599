"""Check the cluster of EMR on EC2 against the distribution and the launcher."""

from __future__ import annotations

import json
from typing import Any

from jobs.aws.deploy.templates import read_template
from jobs.aws.submit.spark_settings import read_settings
from tools.distribution.emr import write_classifications


def _cluster() -> dict[str, Any]:
    return dict(read_template("emr-ec2.yaml")["Resources"]["Cluster"]["Properties"])


def test_the_cluster_has_the_settings_of_the_distribution() -> None:
    expected = json.loads(write_classifications(read_settings("emr-ec2")))
    given = {
        entry["Classification"]: entry["ConfigurationProperties"]
        for entry in _cluster()["Configurations"]
    }
    assert given == {entry["Classification"]: entry["Properties"] for entry in expected}


def test_one_step_runs_at_a_time() -> None:
    assert _cluster()["StepConcurrencyLevel"] == 1


def test_all_resources_of_the_cluster_have_the_tag_of_the_service_role() -> None:
    tag = {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}
    resources = {
        **read_template("emr-ec2.yaml")["Resources"],
        **read_template("network.yaml")["Resources"],
    }
    tagged = ("AWS::EMR::Cluster", "AWS::EC2::Subnet")
    missing = [
        name
        for name, resource in resources.items()
        if resource["Type"] in tagged and tag not in resource["Properties"]["Tags"]
    ]
    assert missing == []
