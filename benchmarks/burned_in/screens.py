"""Measure which harmless text of device screens is kept, and which PHI is masked.

    python -m benchmarks.burned_in.screens [--half mended unseen] [--repeats 1] [--list]

``screens.yaml`` holds the text of screens by modality and maker. Each is drawn with
values from a seed and, in turn, with one of three headers: one that agrees, one without values, and
one of another patient. ``--repeats 3`` draws each with all of them.
A word is kept if masks cover less than 20 % of its box; a value is masked if they cover
90 %. Words before a value in its row are its label and do not count. The screens are in two
halves by a checksum of their name: faults of the half ``mended`` were looked at while the rules
were mended, those of the half ``unseen`` were not. The results are
``benchmarks/results/burned_in_screens.md``.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml

from benchmarks.burned_in.generator import measure
from benchmarks.burned_in.layouts import HEADERS, SIDE, make_screen
from safelight.pixels.stage import PixelStage
from safelight.rules.policies import PixelPolicy

RESULTS = Path(__file__).parents[1] / "results"
HALVES = ("mended", "unseen")
MIN_MASKED_SHARE = 0.9
MAX_KEPT_SHARE = 0.2
#: Left edge, first row and step of the rows of a block; a negative left is from the right edge.
_BLOCKS = {
    "tl": (8, 6, 20), "tr": (-8, 6, 20), "left": (8, 180, 20), "right": (-8, 180, 20),
    "middle": (150, 170, 22), "bl": (8, SIDE - 24, -20), "br": (-8, SIDE - 24, -20),
}  # fmt: skip
_WORD = re.compile(r"\S*\w\S*")
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass
class Figures:
    """Words and values of some screens: how many there are, and which were masked."""

    words: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    values: int = 0
    left: Counter[str] = field(default_factory=Counter)
    refused: int = 0

    def add(self, other: Figures) -> None:
        """Add the figures of other screens."""
        self.words += other.words
        self.lost += other.lost
        self.values += other.values
        self.left += other.left
        self.refused += other.refused

    @property
    def kept_share(self) -> float:
        """Share of the harmless words that were kept."""
        return 1 - self.lost.total() / max(1, self.words)

    @property
    def masked_share(self) -> float:
        """Share of the values that were masked."""
        return 1 - self.left.total() / max(1, self.values)


@lru_cache(maxsize=1)
def screens() -> tuple[dict[str, Any], ...]:
    """Return all screens, in the order of the file."""
    text = Path(__file__).with_name("screens.yaml").read_text("utf-8")
    return tuple(yaml.safe_load(text))


def find_half(screen: dict[str, Any]) -> str:
    """Return the half that a screen belongs to."""
    return HALVES[crc32(screen["name"].encode()) % 2]


def make_layout(screen: dict[str, Any]) -> dict[str, Any]:
    """Return the layout of a screen, with each harmless word marked as text to be kept."""
    return {"name": screen["name"], "lines": list(_place_rows(screen))}


def _place_rows(screen: dict[str, Any]) -> Iterator[tuple[int, int, str]]:
    """Yield left edge, top edge and marked text of each row."""
    for block, (left, top, step) in _BLOCKS.items():
        rows = screen.get(block, [])
        for number, row in enumerate(rows if step > 0 else reversed(rows)):
            yield left, top + number * step, _mark_words(row)


def _mark_words(row: str) -> str:
    """Return a row with a mark around each word, except for those before a placeholder."""
    placeholders = list(_PLACEHOLDER.finditer(row))
    last = placeholders[-1].end() if placeholders else 0
    rest = row[last:].replace("<", "‹").replace(">", "›")
    return row[:last] + _WORD.sub(r"<\g<0>>", rest)


def measure_screen(stage: PixelStage, screen: dict[str, Any], header: str, seed: int) -> Figures:
    """Return the figures of one screen with one header."""
    one = make_screen(make_layout(screen), header, seed)
    shares = measure(stage, one)
    if shares is None:
        return Figures(refused=1)
    lost = (text for (text, _), share in zip(one.kept, shares[1]) if share >= MAX_KEPT_SHARE)
    left = (text for (text, _), share in zip(one.values, shares[0]) if share < MIN_MASKED_SHARE)
    return Figures(len(one.kept), Counter(lost), len(one.values), Counter(left))


def format_report(measured: dict[str, dict[str, Figures]]) -> str:
    """Return the report as Markdown, from the figures by half and by modality and maker."""
    lines = [
        "# Harmless text of device screens", "",
        "Written by `python -m benchmarks.burned_in.screens`; its docstring says how a screen is "
        "drawn and when a word counts as kept. The screens and the rules have the same authors, so "
        "expect less on other screens.", "",
    ]  # fmt: skip
    for half, groups in measured.items():
        total = Figures()
        for one in groups.values():
            total.add(one)
        lines += [
            f"## Half `{half}`", "",
            f"{total.words - total.lost.total()} of {total.words} harmless words kept "
            f"({total.kept_share:.1%}), {total.values - total.left.total()} of {total.values} "
            f"values masked ({total.masked_share:.1%}), {total.refused} objects refused.", "",
            "| modality and maker | words kept | values masked |", "|---|---:|---:|",
            *(
                f"| {name} | {one.words - one.lost.total()} of {one.words} "
                f"| {one.values - one.left.total()} of {one.values} |"
                for name, one in sorted(groups.items())
            ), "",
        ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Measure the screens and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--half", nargs="+", default=list(HALVES), choices=HALVES)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument(
        "--list", action="store_true", help="list the words that were lost and the values left"
    )
    arguments = parser.parse_args()
    stage = PixelStage(PixelPolicy())
    measured: dict[str, dict[str, Figures]] = {half: {} for half in arguments.half}
    for number, screen in enumerate(screens()):
        half = find_half(screen)
        if half not in measured:
            continue
        own = Figures()
        for seed in range(arguments.repeats):
            header = HEADERS[(number + seed) % len(HEADERS)]
            own.add(measure_screen(stage, screen, header, seed))
        group = f"{screen['modality']} {screen['maker']}"
        measured[half].setdefault(group, Figures()).add(own)
        print(f"{half} {screen['name']}: kept {own.kept_share:.3f}, "
              f"masked {own.masked_share:.3f}", flush=True)  # fmt: skip
        if arguments.list:
            print("  lost", dict(own.lost), "left", dict(own.left), flush=True)
    report = format_report(measured)
    print(report)
    if set(arguments.half) == set(HALVES):
        (RESULTS / "burned_in_screens.md").write_text(report, "utf-8")


if __name__ == "__main__":
    main()
