"""Assemble the folder of a distribution."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from jobs.common.spark.settings_file import read_conf
from safelight.version import VERSION
from tools.check_wheel import ROOT, build_wheel
from tools.distribution.checksums import list_checksums
from tools.distribution.emr import write_classifications
from tools.distribution.environment import (
    create_environment,
    find_site_packages,
    pack_environment,
)
from tools.distribution.requirements import find_runtime_packages, select_pinned

JARS = ROOT / "conf" / "jars" / "lib"
_TEMPLATES = Path(__file__).parent / "templates"

#: Models by the folder of packages that holds them; all are part of the environment.
_MODEL_SUFFIXES = (".onnx",)


def assemble(
    folder: Path,
    interpreter: str,
    jars: Iterable[Path] | None = None,
    linked: bool = False,
) -> None:
    """Write a distribution.

    Parameters
    ----------
    folder : Path
        Folder of the distribution. Files of an earlier one are replaced.
    interpreter : str
        Path of the Python interpreter on the machines of the cluster.
    jars : iterable of Path, optional
        Jars to ship (default: all of conf/jars/lib).
    linked : bool
        Let the environment refer to the packages of the running interpreter instead of holding
        its own, which is quick, and works on this machine only.

    Raises
    ------
    ValueError
        If the interpreter has another version than this one, or the jars are missing.
    """
    check_interpreter(interpreter)
    shipped = sorted(JARS.glob("*.jar") if jars is None else jars)
    if not shipped:
        raise ValueError("the jars are missing: run `make jars`")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "jars").mkdir(parents=True)
    for jar in shipped:
        _link(jar, folder / "jars" / jar.name)
    wheel = Path(shutil.copy(build_wheel(), folder))
    requirements = None
    if not linked:
        lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        requirements = select_pinned(lock, find_runtime_packages(wheel))
        (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    environment = folder / "environment"
    create_environment(environment, wheel, requirements, interpreter)
    pack_environment(environment, folder / "environment.tar.gz", 1 if linked else 6)
    settings = ROOT / "conf" / "spark"
    shutil.copy(settings / "standalone.conf", folder / "spark-defaults.conf")
    shutil.copy(settings / "log4j2.properties", folder)
    configuration = write_classifications(read_conf(settings / "emr-ec2.conf"))
    (folder / "emr-configuration.json").write_text(configuration, encoding="utf-8")
    shutil.copytree(ROOT / "conf" / "aws" / "images", folder / "images")
    shutil.copy(_TEMPLATES / "main.py", folder)
    readme = (_TEMPLATES / "README.md").read_text(encoding="utf-8")
    readme = readme.replace("{version}", VERSION).replace("{interpreter}", interpreter)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    _write_lists(folder)


def check_interpreter(interpreter: str) -> None:
    """Check the version in the name of an interpreter, such as ``/usr/bin/python3.11``.

    Raises
    ------
    ValueError
        If the path is relative, or names another version than that of this interpreter, for
        which the packages are made.
    """
    if not os.path.isabs(interpreter):
        raise ValueError(f"{interpreter} is a relative path; give the path on the cluster")
    named = re.search(r"python(3\.\d+)$", interpreter)
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    if named and named[1] != own:
        raise ValueError(
            f"{interpreter} is not Python {own}, for which the packages are made; run `make dist` "
            f"in an environment of Python {named[1]}"
        )


def _write_lists(folder: Path) -> None:
    """Write the checksums of the jars, the models and all files that are copied to a cluster."""
    packages = find_site_packages(folder / "environment")
    models = [path for path in packages.rglob("*") if path.suffix in _MODEL_SUFFIXES]
    (folder / "models.sha256").write_text(list_checksums(packages, models))
    (folder / "jars.sha256").write_text(list_checksums(folder, (folder / "jars").glob("*.jar")))
    shipped = [path for path in folder.iterdir() if path.is_file()]
    (folder / "SHA256SUMS").write_text(list_checksums(folder, shipped))


def _link(source: Path, target: Path) -> None:
    """Link a file, or copy it to another file system."""
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copy(source, target)
