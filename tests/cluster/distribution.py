"""Distribution for tests, and the command line of its README."""

from __future__ import annotations

import atexit
import re
import shlex
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from tests.cluster.standalone import SPARK_HOME, StandaloneCluster
from tools.distribution.assemble import JARS, assemble
from tools.distribution.environment import base_interpreter

#: Jars of Delta, and of S3A. All jars are 500 MB, which each executor fetches from the driver.
DELTA_JARS = ("delta-*.jar", "antlr4-*.jar")
S3A_JARS = ("hadoop-aws-*.jar", "aws-java-sdk-bundle-*.jar", "wildfly-openssl-*.jar")


def link_distribution(folder: Path, jars: tuple[str, ...] = DELTA_JARS + S3A_JARS) -> Path:
    """Make a distribution whose environment holds the wheel and refers to installed packages.

    Parameters
    ----------
    folder : Path
        Folder to write.
    jars : tuple of str
        Patterns of the jars to ship.

    Returns
    -------
    Path
        The folder.
    """
    shipped = [jar for pattern in jars for jar in JARS.glob(pattern)]
    assemble(folder, base_interpreter(), shipped, linked=True)
    return folder


@lru_cache(maxsize=1)
def shared_distribution() -> Path:
    """Return a distribution of :func:`link_distribution` for all tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="safelight-distribution-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return link_distribution(folder / "dist")


def make_distribution(folder: Path) -> Path:
    """Make a distribution as `make dist` does, with all packages and jars.

    Parameters
    ----------
    folder : Path
        Folder to write.

    Returns
    -------
    Path
        The folder.
    """
    assemble(folder, base_interpreter())
    return folder


def install_distribution(distribution: Path, folder: Path, cluster: StandaloneCluster) -> Path:
    """Make a folder as a user has it: links to the distribution, and settings with the secret.

    Parameters
    ----------
    distribution : Path
        Folder that :func:`link_distribution` has made.
    folder : Path
        New folder.
    cluster : StandaloneCluster

    Returns
    -------
    Path
        The folder.
    """
    folder.mkdir()
    for path in distribution.iterdir():
        if path.name != "spark-defaults.conf":
            (folder / path.name).symlink_to(path)
    settings = folder / "spark-defaults.conf"
    settings.touch(mode=0o600)
    shipped = (distribution / settings.name).read_text()
    settings.write_text(f"{shipped}spark.authenticate.secret {cluster.secret}\n")
    return folder


def read_command(distribution: Path, cluster: StandaloneCluster, **values: str) -> list[str]:
    """Return the command line of the README of a distribution.

    Parameters
    ----------
    distribution : Path
        Folder of the distribution.
    cluster : StandaloneCluster
        Cluster to submit to.
    **values : str
        Values of the options of the command, by the name of the option.
    """
    text = (distribution / "README.md").read_text()
    found = re.search(r"^    (spark-submit (?:.*\\\n)*.*)$", text, re.MULTILINE)
    assert found, "the README has no command"
    words = shlex.split(found[1].replace("\\\n", " "))
    words[0] = str(SPARK_HOME / "bin" / "spark-submit")
    words[words.index("--master") + 1] = cluster.master
    for name, value in values.items():
        words[words.index(f"--{name}") + 1] = value
    return words
