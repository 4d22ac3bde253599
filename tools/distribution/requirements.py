"""Select the pinned packages that Spark's Python workers need."""

from __future__ import annotations

import importlib.metadata
import re
import zipfile
from collections.abc import Iterable
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: Packages that every Spark installation brings along.
SPARK_PACKAGES = frozenset({"pyspark", "py4j"})

_ENTRY = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==")


def find_runtime_packages(wheel: Path) -> frozenset[str]:
    """Return the packages that a wheel requires, directly or not, without those of Spark.

    Requirements are followed through the packages that are installed beside this program.

    Parameters
    ----------
    wheel : Path
        Wheel whose requirements without extras are followed.

    Returns
    -------
    frozenset of str
        Normalised names.
    """
    found: set[str] = set()
    pending = list(_select_names(_read_requirements(wheel)))
    while pending:
        name = pending.pop()
        if name not in found | SPARK_PACKAGES:
            found.add(name)
            pending += _select_names(importlib.metadata.requires(name) or ())
    return frozenset(found)


def select_pinned(lock: str, packages: frozenset[str]) -> str:
    """Return the entries of a lock file, with their hashes, of some packages.

    Parameters
    ----------
    lock : str
        Text of a lock file in the format of pip's requirement files.
    packages : frozenset of str
        Normalised names.

    Raises
    ------
    ValueError
        If the lock has no entry for a package.
    """
    selected: list[str] = []
    missing = set(packages)
    keep = False
    for line in lock.splitlines():
        if entry := _ENTRY.match(line):
            name = canonicalize_name(entry[1])
            keep = name in packages
            missing.discard(name)
        if keep and line.strip():
            selected.append(line)
    if missing:
        raise ValueError(f"requirements.lock lacks {', '.join(sorted(missing))}; run `make lock`")
    return "\n".join(selected) + "\n"


def _read_requirements(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    return [str(value) for value in metadata.get_all("Requires-Dist", [])]


def _select_names(requirements: Iterable[str]) -> Iterable[str]:
    """Yield the names of the requirements that hold here and belong to no extra."""
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)
