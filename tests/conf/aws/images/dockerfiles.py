"""Read Dockerfiles: instructions with their arguments, continued lines joined."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile."""

    name: str
    arguments: str


#: Instructions of the reference of Dockerfiles.
KNOWN = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL "
    "USER VOLUME WORKDIR".split()
)


def read_dockerfile(path: Path) -> list[Instruction]:
    """Return the instructions of a Dockerfile.

    Raises
    ------
    ValueError
        If a line is not an instruction.
    """
    text = re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    found = []
    for line in filter(str.strip, lines):
        name, _, arguments = line.strip().partition(" ")
        if name not in KNOWN or not arguments:
            raise ValueError(f"{path}: {name} is no instruction")
        found.append(Instruction(name, arguments.strip()))
    return found
