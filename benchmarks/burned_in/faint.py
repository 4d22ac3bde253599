"""Measure recall on faint text over open pictures of anatomy, by contrast and background.

    python -m benchmarks.burned_in.faint [--data FOLDER] [--seeds tune] [--repeats 2]

The pictures are those of the pydicom wheel and, with ``--data``, of public test sets
(:mod:`benchmarks.burned_in.faint_drawing`). A value is masked if masks cover 90 % of its box, and
safe if it is masked or its object was refused. Controls have the same backgrounds without text:
each mask in them is a false alarm. The results are ``benchmarks/results/burned_in_faint.md`` and
``burned_in_faint.json``. Objects of the seeds ``tune`` and ``held`` were looked at during
development, those of ``fresh`` were not.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.burned_in.drawing import GeneratedObject
from benchmarks.burned_in.faint_drawing import (
    CONTRASTS,
    GROUNDS,
    FaintObject,
    load_pictures,
    make_faint_object,
)
from safelight.dicom.parser import parse
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.models import Mask
from safelight.pixels.redact.painting import Fill, covered_pixels
from safelight.pixels.stage import PixelStage
from safelight.records import Refusal
from safelight.rules.policies import PixelPolicy

RESULTS = Path(__file__).parents[1] / "results"
MIN_HIDDEN_SHARE = 0.9


@dataclass(frozen=True)
class FaintResult:
    """Result of one object.

    Attributes
    ----------
    legible, masked : tuple of bool
        One for each value.
    masked_share : float
        Share of the picture that masks cover.
    """

    ground: str
    contrast: float
    seed: str
    refused: bool
    legible: tuple[bool, ...]
    masked: tuple[bool, ...]
    masked_share: float
    cpu_seconds: float


def redact(stage: PixelStage, one: FaintObject | GeneratedObject) -> tuple[Mask, ...] | None:
    """Return the masks of an object; ``None`` if it was refused."""
    parsed = parse(one.data)
    try:
        scan = stage.scan(parsed)
        return stage.redact(parsed, scan, stage.decide(scan, one.known, {}), one.known).masks
    except Refusal:
        return None


def measure(
    stage: PixelStage,
    pictures: Sequence[npt.NDArray[np.uint8]],
    ground: str,
    contrast: float,
    seed: str,
) -> FaintResult:
    """Return the result of one object."""
    one = make_faint_object(pictures, ground, contrast, seed)
    began = time.process_time()
    masks = redact(stage, one)
    seconds = time.process_time() - began
    info = FrameSource.from_bytes(one.data).info
    hidden = covered_pixels([Fill(mask.box) for mask in masks or ()], info)
    return FaintResult(
        ground, contrast, seed, masks is None,
        tuple(value.is_legible for value in one.values),
        tuple(bool(hidden[v.box.slices].mean() >= MIN_HIDDEN_SHARE) for v in one.values),
        float(hidden.mean()), round(seconds, 3),
    )  # fmt: skip


def count_safe(results: Sequence[FaintResult], legible_only: bool) -> tuple[int, int]:
    """Return the number of safe values, and of all values."""
    safe = [
        is_masked or one.refused
        for one in results
        for is_masked, is_legible in zip(one.masked, one.legible)
        if is_legible or not legible_only
    ]
    return sum(safe), len(safe)


def _format_counts(counts: tuple[int, int]) -> str:
    return f"{counts[0]} of {counts[1]}" if counts[1] else "-"


def format_table(results: Sequence[FaintResult], legible_only: bool) -> list[str]:
    """Return the table of safe values by ground and contrast."""
    shown = [one for one in results if one.contrast]
    columns: list[tuple[str, Callable[[FaintResult], bool]]] = [
        (f"{contrast:.0%}", lambda one, c=contrast: one.contrast == c)  # type: ignore[misc]
        for contrast in sorted({one.contrast for one in shown})
    ]
    columns.append(("all", lambda _: True))
    lines = [
        f"| background | {' | '.join(name for name, _ in columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]
    for ground in (*GROUNDS, "**all**"):
        own = [one for one in shown if ground in (one.ground, "**all**")]
        cells = [
            _format_counts(count_safe(list(filter(chosen, own)), legible_only))
            for _, chosen in columns
        ]
        lines.append(f"| {ground} | {' | '.join(cells)} |")
    return [*lines, ""]


def format_report(results: Sequence[FaintResult]) -> str:
    """Return the report as Markdown."""
    written = [one for one in results if one.contrast]
    controls = [one for one in results if not one.contrast]
    about = (
        "Written by `python -m benchmarks.burned_in.faint`; its docstring says how to run it, and "
        "how contrast and legibility are defined."
    )
    lines = ["# Faint burned-in text", "", about, ""]
    for seeds in sorted({one.seed.split("-")[0] for one in results}):
        own = [one for one in written if one.seed.startswith(seeds)]
        safe, count = count_safe(own, True)
        refused = sum(one.refused for one in own)
        lines += [
            f"## Seeds `{seeds}`", "",
            f"Safe legible values (masked, or in a refused object): {safe} of {count} "
            f"({safe / max(1, count):.3f}). Refused objects: {refused} of {len(own)}. Mean CPU "
            f"seconds: {np.mean([one.cpu_seconds for one in own]):.2f}.", "",
            "Legible values by background and contrast:", "", *format_table(own, True),
            "All values, legible or not:", "", *format_table(own, False),
        ]  # fmt: skip
        quiet = [one for one in controls if one.seed.startswith(seeds)]
        if quiet:
            changed = sum(one.masked_share > 0 for one in quiet)
            lines += [
                f"Controls without text: {changed} of {len(quiet)} changed, "
                f"{sum(one.refused for one in quiet)} refused, masked share of all their pixels "
                f"{np.mean([one.masked_share for one in quiet]):.5f}, mean CPU seconds "
                f"{np.mean([one.cpu_seconds for one in quiet]):.2f}.", "",
            ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Measure all objects and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of public test sets")
    parser.add_argument("--seeds", nargs="+", default=["tune", "held", "fresh"])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--contrasts", type=float, nargs="+", default=[*CONTRASTS, 0.0])
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    pictures = load_pictures(arguments.data)
    stage = PixelStage(PixelPolicy())
    results = []
    for seeds in arguments.seeds:
        for ground in GROUNDS:
            for contrast in arguments.contrasts:
                for number in range(arguments.repeats):
                    seed = f"{seeds}-{contrast}-{number}"
                    results.append(measure(stage, pictures, ground, contrast, seed))
                    print(results[-1], flush=True)
    report = format_report(results)
    arguments.out.mkdir(exist_ok=True)
    (arguments.out / "burned_in_faint.md").write_text(report, "utf-8")
    rows = [asdict(one) for one in results]
    (arguments.out / "burned_in_faint.json").write_text(json.dumps(rows) + "\n", "utf-8")
    print(report)


if __name__ == "__main__":
    main()
