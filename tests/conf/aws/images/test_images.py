"""Images and the bootstrap action, as far as can be checked without Docker and Amazon Linux."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from jobs.aws.submit.emr_eks import DEFAULT_RELEASE_LABEL
from jobs.aws.submit.release import IMAGE_FOLDER, image_release
from jobs.aws.submit.sagemaker import DELTA_JARS
from tests.conf.aws.images.dockerfiles import Instruction, read_dockerfile
from tools.check_wheel import ROOT
from tools.distribution.assemble import JARS

IMAGES = ROOT / "conf" / "aws" / "images"
_WHEEL_INFORMATION = {
    "METADATA": "Metadata-Version: 2.1\nName: safelight\nVersion: 0.0.1\n",
    "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "RECORD": "",
}
SCRIPTS = ("install.sh", "install-packages.sh")


def _instructions(image: str) -> list[Instruction]:
    return read_dockerfile(IMAGES / image / "Dockerfile")


@pytest.mark.parametrize("image", ["emr", "sagemaker"])
def test_image_begins_with_its_base_and_installs_both_parts(image: str) -> None:
    found = _instructions(image)
    assert [one.name for one in found[:2]] == ["ARG", "FROM"]
    assert found[1].arguments == "${BASE}"
    (run,) = (one.arguments for one in found if one.name == "RUN" and "--mount" in one.arguments)
    version = "3.11" if image == "emr" else "3.12"
    assert run.startswith("--mount=type=bind,target=/dist ")
    assert f"/dist/images/install-packages.sh python{version} " in run
    assert f"/dist/images/install.sh /usr/bin/python{version} {IMAGE_FOLDER}" in run


def test_image_of_emr_has_the_release_of_the_launchers_and_ends_as_its_user() -> None:
    found = _instructions("emr")
    release = DEFAULT_RELEASE_LABEL.removesuffix("-latest")
    assert found[0].arguments == f"BASE=public.ecr.aws/emr-serverless/spark/{release}:latest"
    users = [one.arguments for one in found if one.name == "USER"]
    assert users == ["root", "hadoop:hadoop"]
    assert found[-1].name == "USER"


def test_image_of_sagemaker_keeps_its_entry_point_and_logs_errors_only() -> None:
    found = _instructions("sagemaker")
    assert json.loads(found[-1].arguments) == ["smspark-submit"]
    assert any("/usr/lib/spark/conf/log4j2.properties" in one.arguments for one in found)


@pytest.mark.parametrize("image", ["emr", "sagemaker"])
def test_images_hold_no_secrets_and_fetch_nothing_by_url(image: str) -> None:
    found = _instructions(image)
    assert not {one.name for one in found} & {"ADD", "ENV"}
    assert not any(re.search(r"curl|wget|https?://", one.arguments) for one in found)


def test_broken_dockerfile_is_found(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nRUM x\n")
    with pytest.raises(ValueError, match="RUM is no instruction"):
        read_dockerfile(tmp_path / "Dockerfile")


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_valid_and_stop_at_the_first_error(script: str) -> None:
    path = IMAGES / script
    subprocess.run(["bash", "-n", str(path)], check=True)
    assert "set -euo pipefail" in path.read_text()
    assert os.access(path, os.X_OK)


def test_jars_of_the_images_are_those_of_the_distribution() -> None:
    names = {jar.rpartition("/")[2] for jar in image_release().jars} | set(DELTA_JARS)
    of_the_images = ("hadoop-aws-", "aws-java-sdk-", "wildfly-")
    assert names == {
        path.name for path in JARS.glob("*.jar") if not path.name.startswith(of_the_images)
    }


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """Make a distribution with a wheel of three empty packages, and no other packages."""
    folder = tmp_path / "dist"
    (folder / "images").mkdir(parents=True)
    (folder / "jars").mkdir()
    for script in SCRIPTS:
        (folder / "images" / script).write_text((IMAGES / script).read_text())
    with zipfile.ZipFile(folder / "safelight-0.0.1-py3-none-any.whl", "w") as wheel:
        for name in ("safelight", "jobs", "nlp_pipelines"):
            wheel.writestr(f"{name}/__init__.py", "")
        wheel.writestr("safelight/version.py", 'VERSION = "0.0.1"\n')
        wheel.writestr("jobs/cli.py", "")
        information = "safelight-0.0.1.dist-info"
        for name, text in _WHEEL_INFORMATION.items():
            wheel.writestr(f"{information}/{name}", text)
    (folder / "requirements.txt").write_text("")
    (folder / "main.py").write_text("main")
    (folder / "log4j2.properties").write_text("log")
    for name in ("spark-nlp.jar", "hadoop-aws-3.3.4.jar"):
        (folder / "jars" / name).write_text(name)
    (folder / "jars.sha256").write_text(_checksums(folder, "jars/*"))
    (folder / "SHA256SUMS").write_text(_checksums(folder, "*"))
    return folder


def _checksums(folder: Path, pattern: str) -> str:
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in sorted(folder.glob(pattern))
        if path.is_file()
    )


def _install(dist: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = ["bash", str(dist / "images" / "install.sh"), sys.executable, str(target)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


def test_distribution_is_installed(dist: Path, tmp_path: Path) -> None:
    target = tmp_path / "safelight"
    done = _install(dist, target)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("safelight 0.0.1\n")
    assert sorted(path.name for path in target.iterdir()) == [
        "environment", "jars", "log4j2.properties", "main.py",
    ]  # fmt: skip
    assert [path.name for path in (target / "jars").iterdir()] == ["spark-nlp.jar"]


@pytest.mark.parametrize("name", ["main.py", "jars/spark-nlp.jar"])
def test_changed_distribution_is_refused(dist: Path, tmp_path: Path, name: str) -> None:
    (dist / name).write_text("changed")
    target = tmp_path / "safelight"
    assert _install(dist, target).returncode != 0
    assert not target.exists()
