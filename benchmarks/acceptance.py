"""De-identify folders of real objects and check every output independently.

    python -m benchmarks.acceptance --data FOLDER [--rules research] [--folders PATTERN]

For each file of ``FOLDER/dicom-*``, the benchmark checks that it has exactly one result; that the
output is clean by :mod:`safelight.verify`, alone and compared with its original; that ``dciodvfy``
(Debian package dicom3tools) reports no kind of error that it does not report for the original;
that a second de-identifier writes the same bytes; and that a de-identifier with another namespace
shares no pseudonym. Rows of folders that are not processed again are kept. The results are
``benchmarks/results/acceptance_RULES.csv`` with one row per object, and ``acceptance_RULES.md``.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydicom.uid import UID

from benchmarks.acceptance_table import (
    SEPARATOR,
    AcceptanceRow,
    format_report,
    load_rows,
    save_rows,
)
from safelight import Deidentifier
from safelight.records import Annotate, Result, Status
from safelight.rules import load_rules
from safelight.verify import Check, ConsistencyLink, Expectation, Verifier, find_contradictions
from safelight.verify.object_reader import UnreadableError, parse_object, silence_pydicom

RESULTS = Path(__file__).parent / "results"
KEY = b"a key for acceptance runs only.."
DICOM_UID_ROOT = "1.2.840.10008."
MEDIA_DIRECTORY_UID = "1.2.840.10008.1.3.10"

#: Details that are removed to compare kinds of errors: values, item numbers, characters, UIDs.
_VALUES = re.compile(
    r"(value|=|UID) <[^>]*>|item number \d+|'.'|0x[0-9a-f]{2}\b|\d+(?:\.\d+){2,}|(?<=UID )\d+"
)

#: Messages of dciodvfy for objects that it has not read, so that errors cannot be compared.
UNREADABLE_MESSAGES = ("Dicom dataset read failed", "Information Object Not found")


def list_files(data: Path, pattern: str = "dicom-*") -> Iterator[tuple[str, Path]]:
    """Return folder and path of every file in the folders with DICOM objects."""
    for folder in sorted(data.glob(pattern)):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield folder.name, path


def is_readable(data: bytes) -> bool:
    """Return whether pydicom reads an object that is not a media directory."""
    with silence_pydicom():
        try:
            dataset = parse_object(data)
        except UnreadableError:
            return False
        return str(dataset.file_meta.get("MediaStorageSOPClassUID", "")) != MEDIA_DIRECTORY_UID


def find_error_kinds(path: Path) -> set[str] | None:
    """Return the kinds of errors that dciodvfy reports; ``None`` if it cannot read the object.

    Values are removed from the messages.
    """
    run = subprocess.run(  # noqa: S603  a fixed program on files of this benchmark
        ["dciodvfy", str(path)],
        capture_output=True,
        timeout=120,
        check=False,  # noqa: S607
    )
    lines = run.stderr.decode("latin-1").splitlines() + run.stdout.decode("latin-1").splitlines()
    errors = [line for line in lines if line.startswith("Error")]
    if any(text in line for line in errors for text in UNREADABLE_MESSAGES):
        return None
    return {_VALUES.sub(r"\1", error) for error in errors}


def pseudonyms_of(result: Result) -> Iterator[str]:
    """Return every pseudonym in an output that is derived from the key."""
    yield from (mapping.pseudonym for mapping in result.mappings)
    yield result.patient_pseudonym
    if not result.sop_uid.startswith(DICOM_UID_ROOT):
        yield result.sop_uid


@dataclass
class AcceptanceRun:
    """State of one pass over the files.

    Attributes
    ----------
    data : Path
    folders : str
        Pattern of the folders.
    first, second, other : Deidentifier
        De-identifier under test, an equal one, and one with another namespace.
    verifier : Verifier
    repeat_every : int
        Process every n-th object again with the second and the other de-identifier.
    """

    data: Path
    folders: str
    first: Deidentifier
    second: Deidentifier
    other: Deidentifier
    verifier: Verifier
    repeat_every: int = 1
    rows: list[AcceptanceRow] = field(default_factory=list)
    _links: list[ConsistencyLink] = field(default_factory=list)
    _again: list[tuple[AcceptanceRow, Path, bytes, set[str]]] = field(default_factory=list)

    def process(self, folder: str, path: Path, scratch: Path) -> None:
        """De-identify one file and check its output."""
        content = path.read_bytes()
        row = AcceptanceRow(folder, str(path.relative_to(self.data / folder)), bytes=len(content))
        self.rows.append(row)
        row.readable = is_readable(content)
        started = time.process_time()
        try:
            result = self.first.deidentify(content)
        except Exception as error:
            row.status, row.reason = "crashed", type(error).__name__
            return
        row.seconds = round(time.process_time() - started, 3)
        row.status, row.reason = result.status.value, result.reason_code
        row.sop_class = UID(result.sop_class_uid).name if result.sop_class_uid else ""
        if result.status is not Status.DEIDENTIFIED or result.data is None:
            return
        row.masked = sum(f.location.startswith("pixels") for f in result.findings)
        changed = any(action.location.startswith("pixels") for action in result.actions)
        self._check(row, content, result.data, changed)
        if len(self.rows) % self.repeat_every == 0:
            self._again.append((row, path, result.data, set(pseudonyms_of(result)) - {""}))
        if shutil.which("dciodvfy"):
            record_new_errors(row, path, result.data, scratch)

    def _check(self, row: AcceptanceRow, content: bytes, written: bytes, masked: bool) -> None:
        known = {defect.check for defect in self.verifier.check(content)}
        defects = (*self.verifier.check(written), *self.verifier.compare(written, content, masked))
        row.defects = SEPARATOR.join(
            f"{d.check.value} {d.location} {d.detail}"
            for d in defects
            # Pixels that cannot be decoded in the original cannot be decoded in the output either.
            if not (d.check is Check.PIXELS and "decoded" in d.detail and Check.PIXELS in known)
        )
        self._links += self.verifier.collect_links(written, content)

    def close(self) -> None:
        """Run the checks that need all objects.

        Objects are processed again in reverse order, after the first de-identifier has processed
        all of them, so that cached state of the first pass does not help the second.
        """
        for row, path, written, own in reversed(self._again):
            content = path.read_bytes()
            same = self.second.deidentify(content).data == written
            row.repeated = "same" if same else "differs"
            row.pseudonyms = len(own)
            row.shared = len(own & set(pseudonyms_of(self.other.deidentify(content))))
        for defect in find_contradictions(self._links):
            text = f"{defect.check.value} {defect.location} {defect.detail}"
            self.rows.append(AcceptanceRow(f"(over {self.folders})", "", defects=text))


def record_new_errors(row: AcceptanceRow, original: Path, data: bytes, scratch: Path) -> None:
    """Record the kinds of errors that dciodvfy reports for the output only."""
    before = find_error_kinds(original)
    output = scratch / "output.dcm"
    output.write_bytes(data)
    after = find_error_kinds(output)
    if before is None or after is None:
        row.new_errors = "cannot be read after de-identification" if before is not None else ""
        return
    row.compared = True
    row.new_errors = SEPARATOR.join(sorted(after - before))


def build_text_model(wanted: bool) -> Annotate | None:
    """Return the shipped Spark NLP pipeline as a function; ``None`` if text is off."""
    if not wanted:
        return None
    from jobs.common.spark.session import start_session
    from nlp_pipelines import annotate

    return annotate.build_annotator(start_session("acceptance", "local[2]"))


def main() -> int:
    """Run the benchmark, write rows and report, and return 1 if a check has failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("SAFELIGHT_DATA"))
    parser.add_argument(
        "--folders", default="dicom-*", help="pattern of the folders (default: %(default)s)"
    )
    parser.add_argument("--rules", default="research")
    parser.add_argument("--pixels", choices=("on", "off"), default="on")
    parser.add_argument("--text", choices=("on", "off"), default="on")
    parser.add_argument(
        "--ocr", choices=("on", "off"), default="off", help="run OCR in the verifier"
    )
    parser.add_argument(
        "--repeat-every", type=int, default=1, metavar="N",
        help="process every N-th object again, with a second de-identifier and another namespace",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for the results")
    parser.add_argument("--fresh", action="store_true", help="delete the rows of other folders")
    options = parser.parse_args()
    if options.data is None or not any(list_files(Path(options.data), options.folders)):
        parser.error(f"--data must name a folder that holds folders {options.folders}")
    rules = load_rules(options.rules)
    annotate = build_text_model(options.text == "on")

    def engine(namespace: str) -> Deidentifier:
        return Deidentifier(
            rules, key=KEY, namespace=namespace, annotate=annotate,
            pixels=options.pixels == "on", text=options.text == "on",
        )  # fmt: skip

    expectation = Expectation(surrogate_names=rules.name_style == "surrogate")
    verifier = Verifier(expectation, ocr=options.ocr == "on")
    engines = (engine("one"), engine("one"), engine("two"))
    run = AcceptanceRun(options.data, options.folders, *engines, verifier, options.repeat_every)
    # A run that is stopped still writes the rows of the finished folders.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for folder, path in list_files(options.data, options.folders):
                print(f"{len(run.rows)} {folder}/{path.name}", file=sys.stderr)
                run.process(folder, path, Path(scratch))
        run.close()
    except KeyboardInterrupt:
        print("stopped: rows of the last folder are not written; run it again", file=sys.stderr)
        last = run.rows[-1].folder if run.rows else ""
        run.rows = [row for row in run.rows if row.folder != last]
    written = options.output / f"acceptance_{rules.name}.csv"
    again = {row.folder for row in run.rows}
    before = [] if options.fresh else [row for row in load_rows(written) if row.folder not in again]
    rows = sorted([*before, *run.rows], key=lambda row: (row.folder, row.file))
    save_rows(rows, written)
    stages = f"pixels {options.pixels}, text {options.text}, verified with OCR {options.ocr}"
    text = format_report(rows, rules.name, stages)
    written.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text.partition("\n## Outcomes")[0])
    bad = ("crashed", "differs")
    return int(any(r.defects or r.new_errors or {r.status, r.repeated} & set(bad) for r in rows))


if __name__ == "__main__":
    raise SystemExit(main())
