"""Package the functions, and run their handlers from the archive alone."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from jobs.aws.deploy.function_code import HANDLER_MODULES, build_archive, list_modules
from jobs.aws.deploy.templates import list_templates, read_template

#: Packages in the runtime of Lambda: boto3 and what it needs.
_RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")

_RUN_HANDLER = """\
import importlib, json, sys
sys.path[:0] = sys.argv[1:3]
from jobs.common.cli.errors import UsageError
module, function = sys.argv[3].rpartition(".")[::2]
handle = getattr(importlib.import_module(module), function)
try:
    print(json.dumps(handle({"Records": []}, None)))
except UsageError as error:
    print(json.dumps({"refused": str(error)}))
"""


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the unpacked archive and a folder with the packages of the runtime."""
    folder = tmp_path_factory.mktemp("lambda")
    code, packages = folder / "code", folder / "packages"
    (folder / "code.zip").write_bytes(build_archive())
    zipfile.ZipFile(folder / "code.zip").extractall(code)
    packages.mkdir()
    for name in _RUNTIME_PACKAGES:
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None
        path = Path(spec.origin)
        path = path.parent if path.name == "__init__.py" else path
        (packages / path.name).symlink_to(path)
    return code, packages


def _list_handlers() -> list[str]:
    return [
        resource["Properties"]["Handler"]
        for name in list_templates()
        for resource in read_template(name)["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]


@pytest.mark.parametrize("handler", _list_handlers())
def test_a_handler_runs_with_the_archive_and_the_runtime_alone(
    runtime: tuple[Path, Path], handler: str
) -> None:
    command = [sys.executable, "-I", "-S", "-c", _RUN_HANDLER, *map(str, runtime), handler]
    alone = {"PATH": os.environ["PATH"]}
    answer = subprocess.run(command, capture_output=True, text=True, env=alone, check=False)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout).keys() & {"refused", "statusCode", "job"}


_BUILD_REQUESTS = """\
import sys
sys.path[:0] = sys.argv[1:3]
from jobs.aws.submit.emr_serverless import EmrServerlessRun, build_request
from jobs.aws.submit.release import Release, image_release
for release in (Release("s3://b/main.py", "s3://b/e.tar.gz"), image_release()):
    build_request(EmrServerlessRun("a", "r", release, ("deidentify",), "s3://b/logs/"))
"""


def test_requests_of_runs_are_built_with_the_archive_alone(runtime: tuple[Path, Path]) -> None:
    command = [sys.executable, "-I", "-S", "-c", _BUILD_REQUESTS, *map(str, runtime)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr


def test_all_handlers_of_the_templates_are_packaged() -> None:
    assert {handler.rpartition(".")[0] for handler in _list_handlers()} == set(HANDLER_MODULES)


def test_the_same_modules_make_the_same_archive() -> None:
    assert build_archive() == build_archive()


def test_modules_of_spark_and_of_the_library_are_left_out() -> None:
    names = list_modules(HANDLER_MODULES)
    assert "jobs.aws.trigger.handler" in names
    large = ("safelight.headers", "safelight.pixels", "safelight.rules", "safelight.text")
    assert not any(name.startswith(large) for name in names)
    assert len(build_archive()) < 1_000_000
