"""The notebook of SageMaker against moto; the SDK of SageMaker is used if it is installed."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from jobs.aws.submit.sagemaker import SageMakerRun, build_request
from tests.jobs import s3_servers
from tools.check_wheel import ROOT

_CELLS: list[dict[str, Any]] = [
    cell
    for cell in json.loads((ROOT / "notebooks" / "sagemaker.ipynb").read_text())["cells"]
    if cell["cell_type"] == "code"
]
_PREPARE = "import boto3\nboto3.client('s3').create_bucket(Bucket='safelight-control')\n"
_REPORT = """
import json
job = boto3.client("sagemaker").describe_processing_job
names = [one["ProcessingJobName"]
         for one in boto3.client("sagemaker").list_processing_jobs()["ProcessingJobSummaries"]]
print(json.dumps([job(ProcessingJobName=name) for name in names], default=str))
"""


def _is_runnable(cell: dict[str, Any]) -> bool:
    needs_sdk = "needs-sagemaker-sdk" in cell["metadata"].get("tags", ())
    return not needs_sdk or importlib.util.find_spec("sagemaker") is not None


def _code(cells: list[dict[str, Any]]) -> str:
    return "\n".join("".join(cell["source"]) for cell in cells)


def test_cells_are_valid_and_those_that_start_jobs_are_marked() -> None:
    for cell in _CELLS:
        source = "".join(cell["source"])
        ast.parse(source)
        starts = "create_processing_job" in source or "processor.run" in source
        assert starts == ("needs-account" in cell["metadata"].get("tags", ()))


def test_all_forms_start_the_job_of_the_request(tmp_path: Path) -> None:
    script = _PREPARE + _code([cell for cell in _CELLS if _is_runnable(cell)]) + _REPORT
    with s3_servers.moto(tmp_path) as environment:
        done = subprocess.run(
            [sys.executable, "-c", script], check=False, cwd=ROOT, capture_output=True, text=True,
            timeout=300, env=os.environ | environment,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    names: dict[str, Any] = {}
    exec(_code(_CELLS[:1]), names)  # the names of the first cell
    request: Any = build_request(
        SageMakerRun(names["ROLE"], names["IMAGE"], names["COMMAND"], names["STAGING"], nodes=2)
    )
    printed = done.stdout.count(json.dumps(request, indent=2))
    assert printed == 2  # by the builder, and by the command line
    jobs = json.loads(done.stdout.splitlines()[-1])
    assert jobs
    for job in jobs:
        specification = job["AppSpecification"]
        expected = request["AppSpecification"]
        assert specification["ContainerArguments"] == expected["ContainerArguments"]
        assert specification["ContainerEntrypoint"][0] == "smspark-submit"
        assert job["NetworkConfig"] == request["NetworkConfig"]
