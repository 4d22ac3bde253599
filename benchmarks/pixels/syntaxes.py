"""Mask a box in every object of a folder and check that no other pixel changes.

    python benchmarks/pixels/syntaxes.py --data FOLDER --out benchmarks/results/pixel_syntaxes.md

Each object is read, a box in its first and last frame is masked, pydicom writes the object again,
and all its frames are decoded again. Outside the box, all pixels must be equal, also for lossy
transfer syntaxes: masking must not add a loss.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.uid import UID

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from safelight.pixels.frames.frame_source import FrameSource  # noqa: E402
from safelight.pixels.geometry import Box
from safelight.pixels.redact.painting import Fill, covered_pixels  # noqa: E402
from safelight.pixels.redact.redactor import redact_frames  # noqa: E402
from safelight.records import Refusal  # noqa: E402
from tests.pixels.objects import rebuilt  # noqa: E402

SKIPPED_SUFFIXES = {".md", ".json", ".txt", ".csv", ".py", ".png", ".jpg", ".xml", ".yml", ".toml"}


def check_object(path: Path) -> tuple[str, str, float]:
    """Return transfer syntax, outcome and seconds for one object."""
    data = path.read_bytes()
    try:
        source = FrameSource.from_bytes(data)
        if not source.has_pixels:
            return source.transfer_syntax, "no pixels", 0.0
        info = source.info
        rows, columns = info.rows, info.columns
        box = Box(columns // 4, rows // 4, max(1, columns // 3), max(1, rows // 5))
        fill = Fill(box, "ID")
        fills = {0: [fill], source.frame_count - 1: [fill]}
        source.read_frame(0)
    except Refusal as refusal:
        return "refused", refusal.reason.name, 0.0
    started = time.perf_counter()
    encoded = redact_frames(source, fills)
    seconds = time.perf_counter() - started
    try:
        again = FrameSource.from_bytes(rebuilt(data, encoded))
    except TypeError:  # implicit VR with an explicit transfer syntax can be read but not written
        return source.transfer_syntax, "not writable by pydicom", seconds
    inside = covered_pixels([fill], info)
    # In native 4:2:2, two pixels share their chroma.
    near = np.zeros_like(inside)
    near[:, 1:] |= inside[:, :-1]
    near[:, :-1] |= inside[:, 1:]
    for i in range(source.frame_count):
        before, after = source.read_frame(i), again.read_frame(i)
        changed = before != after
        if changed.ndim == 3:
            changed = changed.any(axis=2)
        touched = i in fills
        allowed = inside | near if touched and "422" in info.photometric else inside & touched
        if encoded.method == "blocks" and touched:
            allowed = _blocks(allowed)
        if (changed & ~allowed).any():
            return source.transfer_syntax, f"CHANGED OUTSIDE ({encoded.method})", seconds
        if touched and not changed[inside].any() and before[inside].any():
            return source.transfer_syntax, f"NOT MASKED ({encoded.method})", seconds
        if encoded.transfer_syntax is None and not touched:
            if source.read_raw_frame(i) != again.read_raw_frame(i):
                result = f"UNTOUCHED FRAME CHANGED ({encoded.method})"
                return source.transfer_syntax, result, seconds
    return source.transfer_syntax, encoded.method, seconds


def _blocks(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the 16 × 16 blocks that contain a masked pixel, with a margin for chroma smoothing."""
    grown = np.zeros_like(inside)
    for y in range(0, inside.shape[0], 16):
        for x in range(0, inside.shape[1], 16):
            if inside[y : y + 16, x : x + 16].any():
                grown[max(0, y - 2) : y + 18, max(0, x - 2) : x + 18] = True
    return grown


def main() -> int:
    """Check all objects and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", default=os.environ.get("SAFELIGHT_DATA"), required=False)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    if not arguments.data:
        parser.error("give --data FOLDER or set SAFELIGHT_DATA")
    warnings.simplefilter("ignore")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: dict[str, float] = defaultdict(float)
    for path in sorted(Path(arguments.data).glob("dicom-*/**/*")):
        if not path.is_file() or path.suffix in SKIPPED_SUFFIXES:
            continue
        syntax, outcome, spent = check_object(path)
        counts[syntax][outcome] += 1
        seconds[syntax] += spent
        if arguments.verbose and (outcome.isupper() or "(" in outcome or syntax == "refused"):
            print(path.name, syntax, outcome, file=sys.stderr)
    lines = ["| transfer syntax | objects | outcome | seconds |", "|---|---:|---|---:|"]
    for syntax, outcomes in sorted(counts.items()):
        name = UID(syntax).name if syntax[0].isdigit() else syntax
        said = ", ".join(f"{n} {outcome}" for outcome, n in outcomes.most_common())
        lines.append(f"| {name} | {outcomes.total()} | {said} | {seconds[syntax]:.2f} |")
    table = "\n".join(lines) + "\n"
    print(table)
    if arguments.out:
        arguments.out.write_text((__doc__ or "").split("\n\n")[2] + "\n\n" + table)
    return int(any("(" in o for outcomes in counts.values() for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
