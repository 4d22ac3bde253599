"""Measure the speed of masking burned-in text on all cores: one image, and many images.

    python -m benchmarks.burned_in.speed --data FOLDER

The objects of ``FOLDER/dicom-jsl-deid`` are processed by the pixel stage, from the bytes to the
check for remaining PHI, with models loaded before. They are processed one at a time with one OCR
thread per core (latency of one image), and by one worker process per core with one thread each
(throughput of the machine). Run it on an idle machine. The figures are added to
``benchmarks/results/burned_in.json``, and ``burned_in.md`` is written again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.burned_in.engines import RESULTS, run_pixel_stage
from benchmarks.burned_in.table import table
from safelight.pixels.ocr.rapid import THREADS_VARIABLE


def workers(data: Path, count: int, threads: int) -> tuple[float, list[float]]:
    """Return the wall time of all workers together, and the seconds of each object.

    Each of ``count`` processes takes every ``count``-th object.
    """
    environment = {**os.environ, THREADS_VARIABLE: str(threads)}
    children = [
        subprocess.Popen(  # noqa: S603  this module itself
            [sys.executable, "-m", "benchmarks.burned_in.speed", "--data", str(data),
             "--every", str(count), "--first", str(number)],
            env=environment, stdout=subprocess.PIPE, text=True,
        )
        for number in range(count)
    ]  # fmt: skip
    answers = [json.loads(child.communicate()[0].splitlines()[-1]) for child in children]
    span = max(a["ended"] for a in answers) - min(a["began"] for a in answers)
    return span, [wall for answer in answers for wall in answer["wall"]]


def main() -> None:
    """Measure, or process the share of one worker."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", default=os.environ.get("SAFELIGHT_DATA"), type=Path)
    parser.add_argument("--every", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("give --data FOLDER or set SAFELIGHT_DATA")
    if arguments.every:
        paths = sorted((arguments.data / "dicom-jsl-deid").glob("*.dcm"))
        run_pixel_stage("rapidocr", paths[:1])
        began = time.time()
        outcomes = run_pixel_stage("rapidocr", paths[arguments.first :: arguments.every])
        wall = [outcome.wall for outcome in outcomes]
        print(json.dumps({"began": began, "ended": time.time(), "wall": wall}))
        return
    cores = len(os.sched_getaffinity(0))
    _, alone = workers(arguments.data, 1, cores)
    span, together = workers(arguments.data, cores, 1)
    speed = {
        "cores": cores,
        "objects": len(alone),
        "alone_mean": round(float(np.mean(alone)), 3),
        "alone_median": round(float(np.median(alone)), 3),
        "alone_worst": round(max(alone), 3),
        "together_span": round(span, 2),
        "together_mean": round(float(np.mean(together)), 3),
    }
    print(speed)
    written = RESULTS / "burned_in.json"
    figures = json.loads(written.read_text("utf-8")) if written.exists() else {}
    figures["speed"] = speed
    written.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (RESULTS / "burned_in.md").write_text(table(figures), "utf-8")


if __name__ == "__main__":
    main()
