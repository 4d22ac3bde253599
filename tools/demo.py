"""De-identify the small study of tests/data and print the status of each object: ``make demo``."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

from jobs.cli import main
from jobs.common.delta.tables.table_set import Tables
from jobs.common.spark.session import session
from jobs.common.storage.location import parse_uri

ROOT = Path(__file__).resolve().parents[1]
STUDY = ROOT / "tests" / "data" / "study"
OUTPUT = ROOT / "demo-output"


def demo() -> int:
    """Run the job, print the status of each object, and return the exit code."""
    OUTPUT.mkdir(exist_ok=True)
    key = OUTPUT / "key.hex"
    if not key.exists():
        key.write_text(secrets.token_hex(32))
    folders = {"--output": OUTPUT / "clean", "--tables": OUTPUT / "tables"}
    arguments = ["deidentify", "--input", str(STUDY), "--key", f"file:{key}"]
    for option, folder in folders.items():
        arguments += [option, str(folder)]
    print("safelight", *arguments, flush=True)
    code = main(arguments)
    if code == 0:
        _print_status(str(folders["--tables"]))
    return code


def _print_status(tables: str) -> None:
    """Print the last status of each source."""
    from pyspark.sql import functions as F

    with session("demo") as spark:
        every = Tables(spark, parse_uri(tables)).read("instances")
        last = every.groupBy("source_id").agg(F.max_by(F.struct("*"), "processed_at").alias("i"))
        rows = last.select("i.*").orderBy("status", "modality", "source_bytes").collect()
    print(f"\n{'modality':9}{'bytes':>8}  outcome")
    for row in rows:
        outcome = [row.status, *filter(None, (row.reason_code, row.reason))]
        print(f"{row.modality or '-':9}{row.source_bytes:8}  {': '.join(outcome)}")
    print(f"\nobjects: {OUTPUT / 'clean'}\ntables:  {OUTPUT / 'tables'} (Delta)")
    print(f"key:     {OUTPUT / 'key.hex'} (store a real key elsewhere)")


if __name__ == "__main__":
    sys.exit(demo())
