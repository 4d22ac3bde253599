"""Record the SHA-256 of every output of one version of the source tree, and compare two records.

The command line alone is used, so that the same script serves versions with different modules.

    python tools/record_outputs.py record --tree TREE --data FOLDER --output RECORD.json
    python tools/record_outputs.py compare BEFORE.json AFTER.json

``FOLDER`` holds DICOM objects in ``dicom-*`` and text sets in ``text-*``. One record maps each
source to its status, its reason code and the SHA-256 of its output. The rows of ``findings`` and of
the annotations are recorded as one SHA-256 per table.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from deltalake import DeltaTable

KEY = bytes(range(32)).hex()
ROOT = Path(__file__).resolve().parent.parent

#: Columns that differ between two runs of the same code.
VOLATILE_COLUMNS = {"run_id", "first_run_id", "batch", "source_id", "processed_at", "seconds",
                    "pipeline_version", "output_uri"}  # fmt: skip

#: The table of annotations was named ``decisions`` up to version 0.1.
ANNOTATION_TABLES = ("annotations", "decisions")

#: A rule set each for the images, and the notes.
PARTS = ("research", "basic", "notes")

#: Version of the software in (0012,0063) and (0002,0013). In a deflated data set it is not found.
_VERSION = re.compile(rb"((?i:Safelight)[ _])\d([._])\d[._]\d")

#: Texts of the text sets that are recorded; shorter ones are labels and identifiers.
TEXT_MIN_CHARACTERS = 40


def run_command(tree: Path, work: Path, arguments: list[str]) -> None:
    """Run one command of Safelight from a source tree."""
    environment = os.environ | {"PYTHONPATH": str(tree), "TZ": "UTC"}
    command = [sys.executable, "-m", "jobs.cli", *arguments, "--key", f"file:{work / 'key.hex'}"]
    subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL)


def digest_rows(table: Path) -> str:
    """Return the SHA-256 of all rows of a Delta table, whatever their order."""
    rows = DeltaTable(str(table)).to_pyarrow_table()
    names = sorted(set(rows.column_names) - VOLATILE_COLUMNS)
    lines = sorted(
        json.dumps(row, sort_keys=True, default=str)
        for row in rows.select(names).to_pylist()
    )  # fmt: skip
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() + f" ({len(lines)} rows)"


def digest_tables(tables: Path, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the name and the digest of each table that exists."""
    for name in names:
        if (tables / name).is_dir():
            label = "annotations" if name in ANNOTATION_TABLES else name
            yield label, digest_rows(tables / name)


def digest_file(uri: str) -> str:
    """Return the SHA-256 of a local file, without the version of the software that it states."""
    path = unquote(urlparse(uri).path) if uri.startswith("file:") else uri
    return hashlib.sha256(_VERSION.sub(rb"\1x\2x\2x", Path(path).read_bytes())).hexdigest()


def record_rows(tables: Path, main: str, base: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each source with its status, reason code and the SHA-256 of its output."""
    sources = {
        row["source_id"]: unquote(row["source_uri"])
        for row in DeltaTable(str(tables / "sources")).to_pyarrow_table().to_pylist()
    }
    for row in DeltaTable(str(tables / main)).to_pyarrow_table().to_pylist():
        uri = sources[row["source_id"]]
        name = uri.split(f"{base}/", 1)[-1]
        output = digest_file(row["output_uri"]) if row["output_uri"] else ""
        yield f"{name}#{row.get('piece', 0)}", [row["status"], row["reason_code"] or "", output]


def record_images(tree: Path, data: Path, rules: str) -> dict[str, Any]:
    """De-identify the DICOM objects of all folders by one rule set."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "key.hex").write_text(KEY)
        folders = [str(folder) for folder in sorted(data.glob("dicom-*")) if folder.is_dir()]
        run_command(
            tree, work,
            ["deidentify", "--input", *folders, "--output", str(work / "out"), "--tables",
             str(work / "tables"), "--rules", rules, "--pixels", "on", "--text", "on"],
        )  # fmt: skip
        found: dict[str, Any] = dict(record_rows(work / "tables", "instances", data))
        found |= digest_tables(work / "tables", ("findings", *ANNOTATION_TABLES))
        return found


def texts_of(path: Path) -> Iterator[str]:
    """Yield the long texts of one file of a text set."""
    if path.suffix == ".csv":
        csv.field_size_limit(1 << 24)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield from (value for value in row.values() if value)
    elif path.suffix == ".json":
        loaded = json.loads(path.read_text(encoding="utf-8"))
        for row in loaded if isinstance(loaded, list) else []:
            if isinstance(row, dict) and "full_text" in row:
                yield row["full_text"]
    else:
        yield from path.read_text(encoding="utf-8").split("\n=== ")[1:]


def record_notes(tree: Path, data: Path, samples: Path) -> dict[str, Any]:
    """De-identify the texts of all text sets, and the sample files of other note formats."""
    # A note without a patient ID has a date shift of its own, derived from its URI: the folder must
    # have the same name in all records.
    work = Path(tempfile.gettempdir()) / "safelight-record"
    shutil.rmtree(work, ignore_errors=True)
    try:
        (work / "in").mkdir(parents=True)
        (work / "key.hex").write_text(KEY)
        inputs = [
            path for folder in sorted(data.glob("text-*")) for path in sorted(folder.rglob("*"))
            if path.suffix in (".csv", ".json")
        ]  # fmt: skip
        inputs += sorted(tree.rglob("handwritten/*.txt"))
        for path in inputs:
            texts = [text for text in texts_of(path) if len(text) >= TEXT_MIN_CHARACTERS]
            lines = (
                json.dumps({"note_id": str(number), "patient_id": f"P{number % 50}", "text": text})
                for number, text in enumerate(texts)
            )
            (work / "in" / f"{path.stem}.jsonl").write_text("\n".join(lines) + "\n")
        for path in sorted(samples.rglob("*")) if samples.is_dir() else []:
            if path.is_file():
                (work / "in" / path.name).write_bytes(path.read_bytes())
        run_command(
            tree, work,
            ["notes", "--input", str(work / "in"), "--output", str(work / "out"), "--tables",
             str(work / "tables")],
        )  # fmt: skip
        found: dict[str, Any] = dict(record_rows(work / "tables", "note_files", work / "in"))
        names = ("notes_findings", *ANNOTATION_TABLES)
        return found | dict(digest_tables(work / "tables", names))
    finally:
        shutil.rmtree(work)


def record(tree: Path, data: Path, samples: Path, parts: Iterable[str]) -> dict[str, Any]:
    """Record the outputs of one source tree, by part."""
    return {
        part: record_notes(tree, data, samples)
        if part == "notes"
        else record_images(tree, data, part)
        for part in parts
    }


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield one line for each output that differs, of the parts that both records have."""
    for part in sorted(before.keys() & after.keys()):
        old, new = before.get(part, {}), after.get(part, {})
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield f"{part}: {name}: {old.get(name)} -> {new.get(name)}"


def main() -> int:
    """Record or compare; return 1 if two records differ."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="record the outputs of a source tree")
    recording.add_argument("--tree", type=Path, default=ROOT)
    recording.add_argument("--data", type=Path, required=True)
    recording.add_argument("--samples", type=Path, default=ROOT / "tests" / "data" / "notes")
    recording.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    recording.add_argument("--output", type=Path, required=True)
    comparing = commands.add_parser("compare", help="compare two records; exit 1 on differences")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "record":
        found = record(
            arguments.tree.resolve(), arguments.data.resolve(), arguments.samples, arguments.parts
        )
        arguments.output.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
        return 0
    before, after = (json.loads(path.read_text()) for path in (arguments.before, arguments.after))
    lines = list(differences(before, after))
    print(*lines, sep="\n")
    total = sum(map(len, before.values()))
    print(f"{len(lines)} of {total} records differ", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
