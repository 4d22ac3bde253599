"""Run the engine over folders of real objects, and check every output independently.

    python -m benchmarks.acceptance --data FOLDER [--rules research] [--folders PATTERN]

For each file of ``FOLDER/dicom-*``: it ends in exactly one result; the output is clean by
:mod:`safelight.verify`, alone and against its original; ``dciodvfy`` (Debian: dicom3tools)
reports no kind of error that it does not report of the original; a second engine writes the
same bytes; an engine of another namespace shares no pseudonym. Rows of folders that are not run
again stay. Written: ``benchmarks/results/acceptance_RULES.csv`` with one row an object, and from
it ``acceptance_RULES.md``.
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

from benchmarks.acceptance_table import BETWEEN, Row, load, report, save
from safelight import Deidentifier
from safelight.records import Annotate, Result, Status
from safelight.rules import load_rules
from safelight.verify import Check, ConsistencyLink, Expectation, Verifier, find_contradictions
from safelight.verify.object_reader import UnreadableError, parse_object, silence_pydicom

RESULTS = Path(__file__).parent / "results"
KEY = b"a key for acceptance runs only.."
REGISTERED = "1.2.840.10008."
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"

#: What tells two errors of one kind apart: values, item numbers, characters and UIDs.
_VALUES = re.compile(
    r"(value|=|UID) <[^>]*>|item number \d+|'.'|0x[0-9a-f]{2}\b|\d+(?:\.\d+){2,}|(?<=UID )\d+"
)

#: Errors after which dciodvfy has not read the object, so that there is nothing to compare.
NOT_READ = ("Dicom dataset read failed", "Information Object Not found")


def files_of(data: Path, pattern: str = "dicom-*") -> Iterator[tuple[str, Path]]:
    """Every file of the folders with DICOM objects: folder, path."""
    for folder in sorted(data.glob(pattern)):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield folder.name, path


def is_readable(data: bytes) -> bool:
    """Whether pydicom reads it as an object that is not a media directory."""
    with silence_pydicom():
        try:
            dataset = parse_object(data)
        except UnreadableError:
            return False
        return str(dataset.file_meta.get("MediaStorageSOPClassUID", "")) != MEDIA_DIRECTORY


def error_kinds(path: Path) -> set[str] | None:
    """Kinds of errors by dciodvfy, without the values; ``None`` if it cannot read the object."""
    run = subprocess.run(  # noqa: S603  a fixed program on our own files
        ["dciodvfy", str(path)],
        capture_output=True,
        timeout=120,
        check=False,  # noqa: S607
    )
    lines = run.stderr.decode("latin-1").splitlines() + run.stdout.decode("latin-1").splitlines()
    errors = [line for line in lines if line.startswith("Error")]
    if any(text in line for line in errors for text in NOT_READ):
        return None
    return {_VALUES.sub(r"\1", error) for error in errors}


def pseudonyms_of(result: Result) -> Iterator[str]:
    """Every pseudonym in an output that is derived from the key."""
    yield from (mapping.pseudonym for mapping in result.mappings)
    yield result.patient_pseudonym
    if not result.sop_uid.startswith(REGISTERED):
        yield result.sop_uid


@dataclass
class Run:
    """One pass over files, with what is compared over all of them.

    Attributes
    ----------
    data : Path
    folders : str
        Pattern of the folders.
    first, second, other : Deidentifier
        The engine that is checked, its equal, and one of another namespace.
    verifier : Verifier
    repeat_every : int
        Process every so many-th object again, by the second and the other engine.
    """

    data: Path
    folders: str
    first: Deidentifier
    second: Deidentifier
    other: Deidentifier
    verifier: Verifier
    repeat_every: int = 1
    rows: list[Row] = field(default_factory=list)
    _links: list[ConsistencyLink] = field(default_factory=list)
    _again: list[tuple[Row, Path, bytes, set[str]]] = field(default_factory=list)

    def process(self, folder: str, path: Path, scratch: Path) -> None:
        """De-identify one file and check what was written."""
        content = path.read_bytes()
        row = Row(folder, str(path.relative_to(self.data / folder)), bytes=len(content))
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
            compare_errors(row, path, result.data, scratch)

    def _check(self, row: Row, content: bytes, written: bytes, masked: bool) -> None:
        known = {defect.check for defect in self.verifier.check(content)}
        defects = (*self.verifier.check(written), *self.verifier.compare(written, content, masked))
        row.defects = BETWEEN.join(
            f"{d.check.value} {d.location} {d.detail}"
            for d in defects
            # Pixels of the original that cannot be decoded cannot be in the output either.
            if not (d.check is Check.PIXELS and "decoded" in d.detail and Check.PIXELS in known)
        )
        self._links += self.verifier.collect_links(written, content)

    def close(self) -> None:
        """Check what only all objects together show.

        Objects are processed again after the first engine has seen all and in the other order,
        so that nothing that it remembers helps the second.
        """
        for row, path, written, own in reversed(self._again):
            content = path.read_bytes()
            same = self.second.deidentify(content).data == written
            row.repeated = "same" if same else "differs"
            row.pseudonyms = len(own)
            row.shared = len(own & set(pseudonyms_of(self.other.deidentify(content))))
        for defect in find_contradictions(self._links):
            text = f"{defect.check.value} {defect.location} {defect.detail}"
            self.rows.append(Row(f"(over {self.folders})", "", defects=text))


def compare_errors(row: Row, original: Path, data: bytes, scratch: Path) -> None:
    """Note the kinds of errors that only the output has."""
    before = error_kinds(original)
    output = scratch / "output.dcm"
    output.write_bytes(data)
    after = error_kinds(output)
    if before is None or after is None:
        row.new_errors = "cannot be read any more" if before is not None else ""
        return
    row.compared = True
    row.new_errors = BETWEEN.join(sorted(after - before))


def annotator(wanted: bool) -> Annotate | None:
    """The shipped Spark NLP pipeline as a function, if text is on."""
    if not wanted:
        return None
    from jobs.common.spark.session import start_session
    from nlp_pipelines import annotate

    return annotate.build_annotator(start_session("acceptance", "local[2]"))


def main() -> int:
    """Run, write rows and report, and say whether all holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("SAFELIGHT_DATA"))
    parser.add_argument("--folders", default="dicom-*", help="which folders (default: %(default)s)")
    parser.add_argument("--rules", default="research")
    parser.add_argument("--pixels", choices=("on", "off"), default="on")
    parser.add_argument("--text", choices=("on", "off"), default="on")
    parser.add_argument("--ocr", choices=("on", "off"), default="off", help="verify pixels as well")
    parser.add_argument(
        "--repeat-every", type=int, default=1, metavar="N",
        help="process every N-th object again, by a second engine and for another namespace",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--fresh", action="store_true", help="forget rows of other folders")
    options = parser.parse_args()
    if options.data is None or not any(files_of(Path(options.data), options.folders)):
        parser.error(f"--data must name a folder that holds folders {options.folders}")
    rules = load_rules(options.rules)
    annotate = annotator(options.text == "on")

    def engine(namespace: str) -> Deidentifier:
        return Deidentifier(
            rules, key=KEY, namespace=namespace, annotate=annotate,
            pixels=options.pixels == "on", text=options.text == "on",
        )  # fmt: skip

    expectation = Expectation(surrogate_names=rules.name_style == "surrogate")
    verifier = Verifier(expectation, ocr=options.ocr == "on")
    engines = (engine("one"), engine("one"), engine("two"))
    run = Run(options.data, options.folders, *engines, verifier, options.repeat_every)
    # A run that is stopped still says what it saw.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for folder, path in files_of(options.data, options.folders):
                print(f"{len(run.rows)} {folder}/{path.name}", file=sys.stderr)
                run.process(folder, path, Path(scratch))
        run.close()
    except KeyboardInterrupt:
        print("STOPPED before the end: nothing is written of the last folder", file=sys.stderr)
        last = run.rows[-1].folder if run.rows else ""
        run.rows = [row for row in run.rows if row.folder != last]
    written = options.output / f"acceptance_{rules.name}.csv"
    again = {row.folder for row in run.rows}
    before = [] if options.fresh else [row for row in load(written) if row.folder not in again]
    rows = sorted([*before, *run.rows], key=lambda row: (row.folder, row.file))
    save(rows, written)
    stages = f"pixels {options.pixels}, text {options.text}, verified with OCR {options.ocr}"
    text = report(rows, rules.name, stages)
    written.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text.partition("\n## Outcomes")[0])
    bad = ("crashed", "differs")
    return int(any(r.defects or r.new_errors or {r.status, r.repeated} & set(bad) for r in rows))


if __name__ == "__main__":
    raise SystemExit(main())
