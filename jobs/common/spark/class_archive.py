"""Find the class data sharing archive of local Spark, from which Java starts faster.

Java loads and verifies thousands of classes before the first task of a job has ended. An archive
(JEP 350) holds them in the form in which Java keeps them in memory, which halved the CPU time of
Java up to the end of the first task. ``python -m jobs.class_archive`` creates it. Java compares the
archive with its own version and with the class path, and starts without it if they differ.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

#: Start of the names of archives in the folder of the jars.
NAME = "classes"

#: Java says on stdout why it does not use an archive, unless these logs are off.
_QUIET = ("-Xlog:cds=off", "-Xlog:cds+dynamic=off")


def archive_prefix() -> str | None:
    """Return the start of the name of the archive for the Java runtime of this machine.

    Returns
    -------
    str or None
        None if the version of the runtime cannot be read, or Java is missing.
    """
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None:
        return None
    try:
        release = (Path(java).resolve().parents[1] / "release").read_bytes()
    except OSError:  # the layout of another vendor
        return None
    return f"{NAME}-{hashlib.sha256(release).hexdigest()[:12]}-"


def complete_name(prefix: str, archive: Path) -> str:
    """Return the name of a complete archive, which holds its size.

    Java maps the archive into memory and would end with SIGBUS in a truncated one.

    Parameters
    ----------
    prefix : str
        Start of the name; see :func:`archive_prefix`.
    archive : Path
        The archive under another name.
    """
    return f"{prefix}{archive.stat().st_size}.jsa"


def archive_options(folder: Path) -> list[str]:
    """Return the options with which Java uses the archive, none if there is no archive.

    Parameters
    ----------
    folder : Path
        Folder of the jars.
    """
    prefix = archive_prefix()
    if prefix is None:
        return []
    for archive in folder.glob(f"{prefix}*.jsa"):
        if archive.name == complete_name(prefix, archive):
            return [f"-XX:SharedArchiveFile={archive}", *_QUIET]
    return []


def recording_options(archive: Path) -> list[str]:
    """Return the options with which Java writes an archive when it ends.

    Parameters
    ----------
    archive : Path
        File to write.
    """
    return [f"-XX:ArchiveClassesAtExit={archive}", *_QUIET]
