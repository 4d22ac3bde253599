"""Run the engine over a folder of real objects, and check every output independently.

    python benchmarks/acceptance.py --data FOLDER [--pixels on|off] [--text on|off]

For each file of ``FOLDER/dicom-*``: it ends in exactly one result; the output is clean by
:mod:`safelight.verify`, alone and against its original; ``dciodvfy`` (Debian: dicom3tools)
reports no kind of error that it does not report of the original; a second engine writes the
same bytes; an engine of another namespace shares no pseudonym. The table goes to
``benchmarks/results/acceptance.md``.
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
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydicom.uid import UID

from safelight import Deidentifier
from safelight.records import Annotate, Result, Status
from safelight.rules import load_rules
from safelight.verify import Check, Expectation, Link, Verifier, disagreements
from safelight.verify.reading import Unreadable, quiet, read

RESULTS = Path(__file__).parent / "results" / "acceptance.md"
KEY = b"a key for acceptance runs only.."
REGISTERED = "1.2.840.10008."
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"

#: What tells two errors of one kind apart: values, item numbers, characters and UIDs.
_VALUES = re.compile(
    r"(value|=|UID) <[^>]*>|item number \d+|'.'|0x[0-9a-f]{2}\b|\d+(?:\.\d+){2,}|(?<=UID )\d+"
)

#: Errors after which dciodvfy has not read the object, so that there is nothing to compare.
NOT_READ = ("Dicom dataset read failed", "Information Object Not found")


@dataclass
class Tally:
    """What is counted over all files. Paths are those of public test data."""

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    readable: Counter[str] = field(default_factory=Counter)
    refused: dict[tuple[str, str, str], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )
    defects: dict[tuple[str, str, str], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )
    new_errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    compared_by_dciodvfy: int = 0
    repeated: int = 0
    unequal: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    pseudonyms: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    seconds: float = 0.0
    bytes_in: int = 0


def files_of(data: Path, pattern: str = "dicom-*") -> Iterator[tuple[str, Path]]:
    """Every file of the folders with DICOM objects: folder, path."""
    for folder in sorted(data.glob(pattern)):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield folder.name, path


def is_readable(data: bytes) -> bool:
    """Whether pydicom reads it as an object that is not a media directory."""
    with quiet():
        try:
            dataset = read(data)
        except Unreadable:
            return False
        return str(dataset.file_meta.get("MediaStorageSOPClassUID", "")) != MEDIA_DIRECTORY


def error_kinds(path: Path) -> set[str] | None:
    """Kinds of errors by dciodvfy, without the values; ``None`` if it cannot read the object."""
    run = subprocess.run(  # noqa: S603  a fixed program on our own files
        ["dciodvfy", str(path)], capture_output=True, timeout=120, check=False  # noqa: S607
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


def run(data: Path, tally: Tally, options: argparse.Namespace, annotate: Annotate | None) -> None:
    """Process and check every file."""
    rules = load_rules(options.rules)
    stages = {"pixels": options.pixels == "on", "text": options.text == "on"}

    def engine(namespace: str) -> Deidentifier:
        return Deidentifier(rules, key=KEY, namespace=namespace, annotate=annotate, **stages)

    first, second, other = engine("one"), engine("one"), engine("two")
    # Read after the first engine and in the other order, so that nothing remembered helps it.
    again: dict[Path, tuple[str, bytes]] = {}
    links: list[Link] = []
    verifier = Verifier(Expectation(surrogate_names=rules.name_style == "surrogate"))
    with tempfile.TemporaryDirectory() as scratch:
        for number, (folder, path) in enumerate(files_of(data, options.folders)):
            content = path.read_bytes()
            tally.bytes_in += len(content)
            name = str(path.relative_to(data))
            print(f"{number} {name}", file=sys.stderr)
            started = time.process_time()
            try:
                result = first.deidentify(content)
            except Exception as error:
                tally.crashed.append(f"{name}: {type(error).__name__}")
                continue
            tally.seconds += time.process_time() - started
            tally.outcomes[folder][result.status.value] += 1
            readable = is_readable(content)
            tally.readable[f"{folder} readable"] += readable
            if result.status is not Status.DEIDENTIFIED or result.data is None:
                kind = UID(result.sop_class_uid).name if result.sop_class_uid else "-"
                tally.refused[result.status.value, result.reason_code, kind].append(name)
                if readable:
                    tally.readable[f"refused {result.reason_code}"] += 1
                continue
            tally.readable[f"{folder} done"] += readable
            masked = any(a.location.startswith("pixels") for a in result.actions)
            known = {d.check for d in verifier.check(content)}
            for defect in verifier.check(result.data) + verifier.compare(
                result.data, content, masked
            ):
                if defect.check is Check.PIXELS and "decoded" in defect.detail and (
                    Check.PIXELS in known
                ):
                    continue  # the original's pixels cannot be decoded either
                tally.defects[defect.check.value, defect.location, defect.detail].append(name)
            links += verifier.links(result.data, content)
            if number % options.repeat_every == 0:
                again[path] = (name, result.data)
                tally.pseudonyms.update(pseudonyms_of(result))
            if shutil.which("dciodvfy"):
                compare_errors(path, result.data, Path(scratch), name, tally)
        for defect in disagreements(links):
            tally.defects[defect.check.value, defect.location, defect.detail].append("(over all)")
        tally.repeated = len(again)
        for path, (name, written) in reversed(again.items()):
            content = path.read_bytes()
            if second.deidentify(content).data != written:
                tally.unequal.append(name)
            tally.others.update(pseudonyms_of(other.deidentify(content)))


def compare_errors(original: Path, data: bytes, scratch: Path, name: str, tally: Tally) -> None:
    """Count the kinds of errors that only the output has."""
    before = error_kinds(original)
    output = scratch / "output.dcm"
    output.write_bytes(data)
    after = error_kinds(output)
    if before is None or after is None:
        if before is not None:
            tally.new_errors["cannot be read any more"].append(name)
        return
    tally.compared_by_dciodvfy += 1
    for kind in after - before:
        tally.new_errors[kind].append(name)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def report(tally: Tally, options: argparse.Namespace) -> str:
    """The figures as Markdown."""
    totals: Counter[str] = Counter()
    rows = []
    for folder, outcomes in tally.outcomes.items():
        totals.update(outcomes)
        rows.append([folder, sum(outcomes.values()), tally.readable[f"{folder} readable"],
                     tally.readable[f"{folder} done"], outcomes["deidentified"],
                     outcomes["filtered"], outcomes["quarantined"]])  # fmt: skip
    rows.append(["**all**", *(sum(row[i] for row in rows) for i in range(1, 7))])
    _, seen, readable, done = rows[-1][:4]
    share = done / readable if readable else 0.0
    shared = tally.pseudonyms & tally.others - {""}
    by_kind: Counter[str] = Counter()
    for (check, _, _), names in tally.defects.items():
        by_kind[check] += len(names)
    parts = [
        "# Acceptance: every object of the public test sets\n",
        f"Rules `{options.rules}`, pixels {options.pixels}, text {options.text}. "
        "Made by `python benchmarks/acceptance.py --data FOLDER "
        f"--pixels {options.pixels} --text {options.text} --folders '{options.folders}'`.\n",
        table(
            ["must hold", "measured"],
            [
                ["every file ends in exactly one result",
                 f"{seen} files, {len(tally.crashed)} exceptions"],
                ["at least 90 % of what pydicom reads is de-identified",
                 f"{done} of {readable} ({share:.1%})"],
                ["no defect by the independent check",
                 ", ".join(f"{n} {k}" for k, n in by_kind.most_common()) or "none"],
                ["no new kind of error by dciodvfy",
                 f"{len(tally.new_errors)} kinds in {tally.compared_by_dciodvfy} objects"],
                ["the same bytes from a second engine",
                 f"{len(tally.unequal)} of {tally.repeated} differ"],
                ["no pseudonym shared with another namespace",
                 f"{len(shared)} of {len(tally.pseudonyms)}"],
                ["CPU seconds of one pass", f"{tally.seconds:.1f} "
                 f"for {tally.bytes_in / 1e6:.0f} MB"],
            ],
        ),
        "\n## Outcomes\n",
        table(["folder", "files", "pydicom reads", "of these de-identified", "de-identified",
               "filtered", "quarantined"], rows),
        "\n## What was not written, and why\n",
        table(["status", "reason", "SOP class", "files", "for example"],
              ([*key, len(names), names[0]] for key, names in sorted(tally.refused.items()))),
    ]  # fmt: skip
    if tally.defects:
        parts += ["\n## Defects by the independent check\n",
                  table(["check", "location", "detail", "objects", "for example"],
                        ([*key, len(names), names[0]]
                         for key, names in sorted(tally.defects.items())))]  # fmt: skip
    if tally.new_errors:
        parts += ["\n## New kinds of errors by dciodvfy\n",
                  table(["error", "objects", "for example"],
                        ([kind.replace("|", "/"), len(names), names[0]]
                         for kind, names in sorted(tally.new_errors.items())))]  # fmt: skip
    for title, names in (("Exceptions", tally.crashed), ("Bytes differ", tally.unequal)):
        if names:
            parts += [f"\n## {title}\n", *(f"- {name}\n" for name in names)]
    return "\n".join(parts)


def annotator(wanted: bool) -> Annotate | None:
    """The shipped Spark NLP pipeline as a function, if text is on."""
    if not wanted:
        return None
    from jobs.common.session import start_session
    from nlp_pipelines import annotate

    return annotate.annotator(start_session("acceptance", "local[2]"))


def main() -> int:
    """Run, write the table, and say whether all holds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("SAFELIGHT_DATA"))
    parser.add_argument("--folders", default="dicom-*", help="which folders (default: %(default)s)")
    parser.add_argument("--rules", default="research")
    parser.add_argument("--pixels", choices=("on", "off"), default="off")
    parser.add_argument("--text", choices=("on", "off"), default="off")
    parser.add_argument(
        "--repeat-every", type=int, default=1, metavar="N",
        help="process every N-th object again, by a second engine and for another namespace",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.data is None or not any(files_of(Path(options.data), options.folders)):
        parser.error(f"--data must name a folder that holds folders {options.folders}")
    tally = Tally()
    stopped = ""
    # A run that is stopped still says what it saw.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(Path(options.data), tally, options, annotator(options.text == "on"))
    except KeyboardInterrupt:
        stopped = "\nSTOPPED before the end: the figures are of the files seen until then.\n"
    text = report(tally, options) + stopped
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text, encoding="utf-8")
    print(text.partition("\n## Outcomes")[0])
    return int(bool(tally.crashed or tally.defects or tally.new_errors or tally.unequal))


if __name__ == "__main__":
    raise SystemExit(main())
