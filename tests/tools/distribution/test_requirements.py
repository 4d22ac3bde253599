from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tools.distribution.requirements import find_runtime_packages, select_pinned

LOCK = """\
boto3==1.44.5 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
moto[server]==5.2.5 \\
    --hash=sha256:ba
PyYAML==6.0 ; python_version < '4' \\
    --hash=sha256:ca
"""


def write_wheel(folder: Path, *requirements: str) -> Path:
    path = folder / "safelight-1-py3-none-any.whl"
    metadata = "".join(f"Requires-Dist: {text}\n" for text in requirements)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("safelight-1.dist-info/METADATA", f"Name: safelight\n{metadata}\n")
    return path


def test_requirements_of_requirements_are_found(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "boto3>=1.36", "moto ; extra == 'dev'")
    found = find_runtime_packages(wheel)
    assert {"boto3", "botocore", "jmespath"} <= found
    assert "moto" not in found


def test_packages_of_spark_are_left_out(tmp_path: Path) -> None:
    found = find_runtime_packages(write_wheel(tmp_path, "delta-spark==3.3.2", "pyspark==3.5.8"))
    assert "delta-spark" in found
    assert not {"pyspark", "py4j"} & found


def test_the_entries_of_the_lock_keep_their_hashes() -> None:
    assert select_pinned(LOCK, frozenset({"boto3", "pyyaml"})) == LOCK.replace(
        "moto[server]==5.2.5 \\\n    --hash=sha256:ba\n", ""
    )


def test_a_package_without_a_pin_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks numpy; run `make lock`"):
        select_pinned(LOCK, frozenset({"numpy", "boto3"}))
