"""Measure the CPU time of the S3 client for one object: a conditional write and a read.

    python -m benchmarks.s3_requests [--count 300]

The server (moto) is another process, so that only the client is measured. The code is that of the
workers.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.comparison import describe_machine, format_table, write_report
from benchmarks.headers import ct_series
from jobs.common.storage import s3_client
from jobs.common.storage.objects import read_object, write_object
from tests.jobs import s3_servers

_BUCKET = "benchmark"


def cpu_seconds(work: Callable[[int], object], count: int) -> float:
    """Return the CPU seconds of this process for one call.

    Parameters
    ----------
    work : callable
        Takes the number of the call.
    count : int
        Number of calls.
    """
    work(0)  # opens the connection
    started = time.process_time()
    for number in range(1, count + 1):
        work(number)
    return (time.process_time() - started) / count


def main() -> None:
    """Measure both requests for two sizes and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    rows, figures = [], {}
    with tempfile.TemporaryDirectory() as name, s3_servers.moto(Path(name)) as environment:
        os.environ.update(environment)
        s3_client.get_client().create_bucket(Bucket=_BUCKET)
        for side in (16, 512):
            data = ct_series(side, side)[0]
            folder = f"s3://{_BUCKET}/{side}"

            def write(number: int, folder: str = folder, data: bytes = data) -> None:
                digest = hashlib.sha256(data).hexdigest()
                write_object(f"{folder}/{number}.dcm", data, digest)

            def read(number: int, folder: str = folder) -> None:
                read_object(f"{folder}/{number}.dcm", None)

            written = cpu_seconds(write, options.count)
            fetched = cpu_seconds(read, options.count)
            figures[f"{side} write"], figures[f"{side} read"] = written, fetched
            rows.append(
                [f"{len(data) / 1000:,.0f} KB", f"{fetched * 1000:.2f}", f"{written * 1000:.2f}"]
            )
    lines = [
        "# CPU time of the S3 client",
        "",
        f"{options.count} requests each, {describe_machine(None)} "
        "Written by `python -m benchmarks.s3_requests`.",
        "",
        *format_table(["object", "read, CPU ms", "write, CPU ms"], rows),
    ]
    write_report("s3_requests", lines, figures)


if __name__ == "__main__":
    main()
