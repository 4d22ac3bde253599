"""Create the archive of Java classes from which local Spark starts faster: ``make jars``.

For example:
  python -m jobs.class_archive

It is written into the folder of the jars. Create it again after another Java, PySpark or jar was
installed: until then, Spark starts without it.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from jobs.common.cli.errors import JobError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.spark.class_archive import NAME, archive_prefix, complete_name, recording_options
from jobs.common.spark.session import JARS, start_session, stop_session

#: Writing the archive takes a few seconds after the session has ended.
_EXIT_SECONDS = 300

_NOTE = "Seen by Dr. Example on 3 May 2021 because of pain in the left knee.\n"


def write_sample(folder: Path) -> None:
    """Write one DICOM object and one note for the recorded run.

    Parameters
    ----------
    folder : Path
        Gets the folders ``images`` and ``notes``.
    """
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    dataset = Dataset()
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID = generate_uid()
    dataset.SeriesInstanceUID = generate_uid()
    dataset.Modality = "CT"
    dataset.PatientID = "1"
    dataset.StudyDate = "20210503"
    dataset.ImageComments = _NOTE.strip()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for name in ("images", "notes"):
        (folder / name).mkdir()
    dataset.save_as(folder / "images" / "object.dcm", enforce_file_format=True)
    (folder / "notes" / "note.txt").write_text(_NOTE, encoding="utf-8")


def run_commands(folder: Path) -> None:
    """Run the commands whose classes are recorded, in the active session.

    Parameters
    ----------
    folder : Path
        Folder for sources, outputs and tables.
    """
    from jobs.cli import main

    write_sample(folder)
    key = folder / "key.hex"
    key.write_text(secrets.token_hex(32))
    for command, source in (("deidentify", "images"), ("notes", "notes")):
        arguments = ["--input", folder / source, "--output", folder / f"output-{command}"]
        arguments += ["--tables", folder / "tables", "--key", f"file:{key}"]
        arguments += ["--pixels", "off"] if command == "deidentify" else []
        if main([command, *map(str, arguments)]) != ExitCode.DONE:
            raise JobError("the recorded run failed")


def record(folder: Path, prefix: str) -> None:
    """Run the commands in a session whose Java writes an archive when it ends.

    Parameters
    ----------
    folder : Path
        Folder of the jars. Other archives in it are deleted.
    prefix : str
        Start of the name of the archive.

    Raises
    ------
    JobError
        If a command fails, or Java does not write the archive.
    """
    from pyspark import SparkContext

    for variable in ("HADOOP_CONF_DIR", "YARN_CONF_DIR"):  # folders on the class path are refused
        os.environ.pop(variable, None)
    partial = folder / f"{NAME}.partial"
    partial.unlink(missing_ok=True)
    spark = start_session("class archive", "local[2]", java_options=recording_options(partial))
    gateway = SparkContext._gateway
    assert gateway is not None
    java: subprocess.Popen[bytes] = gateway.proc
    try:
        with tempfile.TemporaryDirectory() as work:
            run_commands(Path(work))
    finally:
        stop_session(spark)
        gateway.shutdown()
        if java.stdin is not None:
            java.stdin.close()
        java.wait(_EXIT_SECONDS)
    if not partial.is_file():
        raise JobError("Java has not written the archive; it needs JDK 17")
    for other in folder.glob(f"{NAME}-*.jsa"):  # of a Java that was replaced
        other.unlink()
    partial.rename(folder / complete_name(prefix, partial))


def main() -> int:
    """Create the archive and return the exit code; a failure costs start-up time only."""
    prefix = archive_prefix()
    if prefix is None:
        print("no archive of Java classes: the version of Java is unknown", file=sys.stderr)
        return ExitCode.FAILED
    progress = io.StringIO()  # of the recorded runs, which the user has not started
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(progress):
            record(JARS, prefix)
    except (JobError, OSError, subprocess.TimeoutExpired) as error:
        print(progress.getvalue(), end="", file=sys.stderr)
        cause = str(error) if isinstance(error, JobError) else type(error).__name__
        print(f"no archive of Java classes: {cause}; Spark starts without it", file=sys.stderr)
        return ExitCode.FAILED
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main())
