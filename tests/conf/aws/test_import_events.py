"""The rule of the import events, tried by the pattern matcher of moto."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from jobs.aws.deploy.templates import read_template
from jobs.aws.healthimaging.imports.events import STAGING_VARIABLE
from tests.jobs.aws.healthimaging.imports.test_events import EVENT

DATASTORE = EVENT["detail"]["datastoreId"]


def matches(event: dict[str, Any]) -> bool:
    rule = read_template("schedule.yaml")["Resources"]["ImportRule"]["Properties"]
    pattern = rule["EventPattern"] | {"detail": {"datastoreId": [DATASTORE]}}
    found: bool = EventPattern.load(json.dumps(pattern)).matches_event(event)
    return found


@pytest.mark.parametrize("name", ["Import Job Completed", "Import Job Failed"])
def test_the_end_of_a_job_reaches_the_function(name: str) -> None:
    assert matches(EVENT | {"detail-type": name})


@pytest.mark.parametrize(
    "change",
    [
        {"detail-type": "Import Job Submitted"},
        {"detail-type": "Image Set Created"},
        {"source": "aws.s3"},
        {"detail": EVENT["detail"] | {"datastoreId": "c" * 32}},
    ],
)
def test_another_event_does_not(change: dict[str, Any]) -> None:
    assert not matches(EVENT | change)


def test_the_function_knows_the_staging_folder() -> None:
    function = read_template("schedule.yaml")["Resources"]["ImportFunction"]["Properties"]
    assert STAGING_VARIABLE in function["Environment"]["Variables"]
