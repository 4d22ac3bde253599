"""De-identify the planted-PHI corpus with the shipped rules, and score the result.

    python -m benchmarks.midi_b [--seed 1] [--patients 60] [--folder FOLDER]

The commands are those that a user runs: ``safelight deidentify`` with all stages, then
``safelight midi-b``. The table is written to ``benchmarks/results/midi_b.md``, and the checks that
failed, one by one, to ``benchmarks/results/midi_b_failures.csv``. All values are synthetic.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import tempfile
from pathlib import Path

from benchmarks.midi_b.corpus import generate_corpus
from benchmarks.midi_b.report import write_report
from benchmarks.midi_b.scorer import read_mappings, score
from jobs.cli import main as run_command

RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    """Generate, de-identify, score and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patients", type=int, default=60)
    parser.add_argument("--rules", default="research")
    parser.add_argument("--folder", type=Path, help="folder to keep (default: a temporary one)")
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="midi-b-"))
    try:
        objects = generate_corpus(folder, arguments.seed, arguments.patients)
        deidentify(folder, arguments.rules)
        results = list(
            score(folder / "answers.db", folder / "out", read_mappings(folder / "check"))
        )
        command = (
            f"python -m benchmarks.midi_b --seed {arguments.seed} --patients {arguments.patients}"
        )
        write_report(RESULTS, results, objects, command)
    finally:
        if arguments.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def deidentify(folder: Path, rules: str) -> None:
    """De-identify the objects of a corpus and write the mapping files.

    Raises
    ------
    SystemExit
        If a command fails.
    """
    key = folder / "key.hex"
    key.write_text(secrets.token_hex(32))
    tables = [f"--tables={folder / 'tables'}", f"--key=file:{key}"]
    places = [f"--input={folder / 'objects'}", f"--output={folder / 'out'}", f"--rules={rules}"]
    export = ["--reason=benchmark", f"--output={folder / 'check'}"]
    for command in (["deidentify", *places, *tables], ["midi-b", *tables, *export]):
        if code := run_command(command):
            raise SystemExit(code)


if __name__ == "__main__":
    main()
