from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.distribution.environment import (
    base_interpreter,
    create_environment,
    find_site_packages,
    pack_environment,
)

FILES = {
    "planted.py": "def main():\n    print(__file__)\n",
    "planted-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: planted\nVersion: 1\n",
    "planted-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "planted-1.dist-info/entry_points.txt": "[console_scripts]\nsafelight = planted:main\n",
    "planted-1.dist-info/RECORD": "",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make an environment while the checkout is on the path and holds the metadata of a build."""
    folder = tmp_path_factory.mktemp("environment")
    wheel = folder / "planted-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    metadata = folder / "checkout" / "planted.egg-info"
    metadata.mkdir(parents=True)
    (metadata / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: planted\nVersion: 1\n")
    (metadata / "top_level.txt").write_text("planted\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(metadata.parent))
        patch.chdir(metadata.parent)
        create_environment(folder / "made", wheel, None, base_interpreter())
    yield folder / "made"


def unpack(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(folder)
    return folder


def run(command: list[str]) -> str:
    return subprocess.run(
        command, capture_output=True, text=True, check=True, cwd="/", env={"PATH": os.defpath}
    ).stdout.strip()


def test_an_unpacked_environment_works_in_another_folder(environment: Path, tmp_path: Path) -> None:
    pack_environment(environment, tmp_path / "one.tar.gz", 1)
    moved = unpack(tmp_path / "one.tar.gz", tmp_path / "elsewhere")
    expected = str(find_site_packages(moved) / "planted.py")
    python = str(moved / "bin" / "python")
    assert run([python, "-c", "import planted; print(planted.__file__)"]) == expected
    assert run([str(moved / "bin" / "safelight")]) == expected
    assert run([python, "-c", "import boto3; print(boto3.__name__)"]) == "boto3"


def test_the_interpreter_is_a_link_to_that_of_the_cluster(environment: Path) -> None:
    assert os.readlink(environment / "bin" / "python") == base_interpreter()


def test_equal_environments_give_equal_archives(environment: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pack_environment(environment, tmp_path / name, 1)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
