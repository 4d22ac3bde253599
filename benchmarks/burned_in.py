"""Burned-in text on real pictures: what is hidden, what is spared, and what it costs.

    python benchmarks/burned_in.py --data FOLDER [--engine rapidocr] [--pictures FOLDER]

FOLDER holds ``dicom-jsl-deid`` (49 objects with the boxes of synthetic PHI) and
``ground-truth-burned-in`` (screens of real devices). The table goes to
``benchmarks/results/burned_in.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels import film, render
from safelight.pixels.frames import FrameSource
from safelight.pixels.mask import Fill, covered
from safelight.pixels.ocr.rapid import THREADS_VARIABLE
from safelight.pixels.records import Mask
from safelight.pixels.stage import PixelStage
from safelight.rules.policies import PixelPolicy
from safelight.text.known import KnownPHI, KnownValue

RESULTS = Path(__file__).parent / "results"
#: A token is hidden when this share of its box, cut to the picture, is under masks.
HIDDEN = 0.9
#: Pixels around PHI text that a mask may touch without being counted as damage.
MARGIN = 12
#: What the header gives of a patient, as the header stage collects it.
KNOWN = (
    ("PatientName", "NAME"), ("OtherPatientNames", "NAME"), ("ReferringPhysicianName", "NAME"),
    ("PerformingPhysicianName", "NAME"), ("OperatorsName", "NAME"), ("PatientID", "ID"),
    ("AccessionNumber", "ID"), ("StudyID", "ID"), ("PatientBirthDate", "DATE"),
    ("StudyDate", "DATE"), ("SeriesDate", "DATE"), ("InstitutionName", "LOCATION"),
    ("InstitutionAddress", "LOCATION"), ("PatientAge", "AGE"),
)  # fmt: skip


@dataclass
class Token:
    """One word of the ground truth and where it stands."""

    text: str
    box: tuple[int, int, int, int]
    inside: float = 1.0
    legible: bool = True
    covered: float = 0.0


@dataclass
class Outcome:
    """What came of one object."""

    name: str
    tokens: list[Token] = field(default_factory=list)
    changed: int = 0
    spared: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    refused: str = ""
    masks: tuple[Mask, ...] = ()


def known_of(source: FrameSource) -> KnownPHI:
    """The identifying values of a header."""
    values = []
    for keyword, entity in KNOWN:
        for part in source.values(keyword):
            if str(part).strip():
                values.append(KnownValue(entity, str(part)))
    return KnownPHI(values)


def run(stage: PixelStage, path: Path) -> tuple[Outcome, FrameSource]:
    """Scan, decide and redact one object."""
    data = path.read_bytes()
    source = FrameSource(data)
    known = known_of(source)
    outcome = Outcome(path.name)
    wall, cpu = time.perf_counter(), time.process_time()
    scan = stage.scan(data)
    masks = stage.decide(scan, known, {})
    redaction = stage.redact(data, scan, masks, known)
    outcome.seconds, outcome.cpu = time.perf_counter() - wall, time.process_time() - cpu
    outcome.masks = redaction.masks
    return outcome, source


def tokens_of(annotation: list[dict[str, Any]], rows: int, columns: int) -> list[Token]:
    """The words of the values, with a box each; those of wrapped values line by line.

    The ground truth boxes only the last line of a wrapped value. The lines before it begin
    at the same left edge and are as far apart as the rows of the block are.
    """
    pairs = [p["value"] for p in annotation if p["value"]["text"] and p["value"]["bbox"][2]]
    scales = [
        (v["bbox"][2] - v["bbox"][0]) / width_of(v["text"]) for v in pairs if len(v["text"]) < 16
    ]
    scale = float(np.median(scales))
    tops = sorted(v["bbox"][1] for v in pairs)
    pitch = float(np.median([b - a for a, b in zip(tops, tops[1:]) if b - a > 2] or [0]))
    found: list[Token] = []
    for value in pairs:
        x0, y0, x1, y1 = value["bbox"]
        lines = [value["text"]]
        if width_of(value["text"]) * scale > 1.3 * (x1 - x0):
            # The box is as wide as the widest line: break where the next word would not fit.
            lines = [""]
            for word in value["text"].split():
                longer = (lines[-1] + " " + word).strip()
                if lines[-1] and width_of(longer) * scale > 1.06 * (x1 - x0):
                    lines.append(word)
                else:
                    lines[-1] = longer
        for number, line in enumerate(lines):
            top = y0 - round((len(lines) - 1 - number) * pitch)
            each = (x1 - x0) / width_of(line) if len(lines) == 1 else scale
            at = 0
            for word in line.split():
                begin = line.index(word, at)
                at = begin + len(word)
                left, right = (round(x0 + width_of(line[:n]) * each) for n in (begin, at))
                found.append(Token(word, (left, top, right - left, y1 - y0)))
    for token in found:
        x, y, w, h = token.box
        seen = max(0, min(columns, x + w) - max(0, x)) * max(0, min(rows, y + h) - max(0, y))
        token.inside = seen / max(1, w * h)
    return found


def width_of(text: str) -> float:
    """Width of a text in a bold sans-serif font, in average digits."""
    narrow = sum(character in "iIjlft.,:;'| " for character in text)
    wide = sum(character in "mwMW" for character in text)
    capital = sum(character.isupper() and character not in "IMW" for character in text)
    return len(text) - 0.45 * narrow + 0.4 * wide + 0.12 * capital


def judge(tokens: list[Token], shown: npt.NDArray[np.uint8], hidden: npt.NDArray[np.bool_]) -> None:
    """Mark which words can be read at all, and how much of each is covered.

    Legible: at least half in the picture, and strokes of the drawn level (lowest or highest)
    stand out from what is behind them in at least 60 % of its columns.
    """
    strokes = np.abs(render.strokes(shown).astype(np.int16) - 128) > 40
    for token in tokens:
        x, y, w, h = token.box
        area = (slice(max(0, y), max(0, y + h)), slice(max(0, x), max(0, x + w)))
        token.covered = float(hidden[area].mean()) if hidden[area].size else 1.0
        columns = strokes[area].any(axis=0)
        token.legible = token.inside >= 0.5 and columns.size > 0 and columns.mean() >= 0.6


def near_text(
    annotation: list[dict[str, Any]], tokens: list[Token], rows: int, columns: int
) -> npt.NDArray[np.bool_]:
    """The pixels within the margin of PHI text: keys and values."""
    allowed = np.zeros((rows, columns), bool)
    boxes = [token.box for token in tokens]
    for pair in annotation:
        for part in (pair["key"], pair["value"]):
            x0, y0, x1, y1 = part.get("bbox") or (0, 0, 0, 0)
            if x1:
                boxes.append((x0, y0, x1 - x0, y1 - y0))
    for x, y, w, h in boxes:
        top, left = max(0, y - MARGIN), max(0, x - MARGIN)
        allowed[top : max(0, y + h + MARGIN), left : max(0, x + w + MARGIN)] = True
    return allowed


def synthetic(stage: PixelStage, folder: Path, pictures: Path | None) -> list[Outcome]:
    """All objects of the folder with boxes of synthetic PHI."""
    outcomes = []
    for path in sorted(folder.glob("*.dcm")):
        annotation = json.loads(path.with_suffix(".json").read_text())["annotation"]
        outcome, source = run(stage, path)
        info = source.info
        still = film.still(source, (0,))
        hidden = covered([Fill(mask.box) for mask in outcome.masks], info)
        outcome.tokens = tokens_of(annotation, info.rows, info.columns)
        judge(outcome.tokens, still.shown, hidden)
        allowed = near_text(annotation, outcome.tokens, info.rows, info.columns)
        outcome.changed = int(hidden.sum())
        outcome.spared = int((hidden & ~allowed).sum())
        outcomes.append(outcome)
        if pictures is not None:
            draw(still.shown, outcome, pictures / f"jsl{len(outcomes) - 1:02d}.png")
    return outcomes


def draw(shown: npt.NDArray[np.uint8], outcome: Outcome, path: Path) -> None:
    """The picture with masks, missed words red, illegible ones yellow."""
    canvas = (
        cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR) if shown.ndim == 2 else shown[:, :, ::-1].copy()
    )
    for mask in outcome.masks:
        x, y, w, h = mask.box
        cv2.rectangle(canvas, (x, y), (x + w - 1, y + h - 1), (0, 200, 0), 1)
    for token in outcome.tokens:
        x, y, w, h = token.box
        if not token.legible:
            cv2.rectangle(canvas, (x, y), (x + w, y + h), (0, 255, 255), 1)
        elif token.covered < HIDDEN:
            cv2.rectangle(canvas, (x, y), (x + w, y + h), (0, 0, 255), 1)
    cv2.imwrite(str(path), canvas)


def screens(
    stage: PixelStage, data: Path, pictures: Path | None
) -> list[tuple[str, str, float, bool]]:
    """Boxes and surviving strings of real screens: object, what, share covered, as wanted."""
    rows: list[tuple[str, str, float, bool]] = []
    for truth in sorted((data / "ground-truth-burned-in").glob("*.json")):
        for relative, wanted in json.loads(truth.read_text()).items():
            path = data / relative
            if not path.exists():
                continue
            outcome, source = run(stage, path)
            hidden = covered([Fill(mask.box) for mask in outcome.masks], source.info)
            for box in wanted["boxes"]:
                area = hidden[
                    box["top"] : box["top"] + box["height"],
                    box["left"] : box["left"] + box["width"],
                ]
                share = float(area.mean())
                rows.append((path.name, box["type"], share, share >= 0.95))
            after = stage.scan(path.read_bytes())
            left = [
                line.text for line in after.lines
                if not hidden[
                    line.box[1] : line.box[1] + line.box[3], line.box[0] : line.box[0] + line.box[2]
                ].mean() > 0.3
            ]  # fmt: skip
            plain = "".join("".join(left).split()).lower()
            for string in wanted["must_survive"]:
                looked = "".join(string.split(" (")[0].split()).lower()
                rows.append((path.name, "must survive", 0.0, _alike(looked, plain)))
            if not wanted["boxes"]:
                rows.append((path.name, "untouched", float(hidden.mean()), not outcome.masks))
            if pictures is not None:
                draw(film.still(source, (0,)).shown, outcome, pictures / f"screen_{path.stem}.png")
    return rows


def _alike(looked: str, plain: str) -> bool:
    from rapidfuzz import fuzz

    return looked in plain or fuzz.partial_ratio(looked, plain) >= 85


def report(outcomes: list[Outcome], rows: list[tuple[str, str, float, bool]], engine: str) -> str:
    """The table."""
    tokens = [t for o in outcomes for t in o.tokens]
    legible = [t for t in tokens if t.legible]
    hidden = [t for t in legible if t.covered >= HIDDEN]
    inside = [t for t in tokens if t.inside >= 0.5]
    changed, damage = sum(o.changed for o in outcomes), sum(o.spared for o in outcomes)
    lines = [
        f"## {engine}",
        "",
        "| measure | value |",
        "|---|---:|",
        f"| objects with synthetic PHI | {len(outcomes)} |",
        f"| ground-truth words, legible | {len(tokens)}, {len(legible)} |",
        f"| legible words hidden | {len(hidden) / max(1, len(legible)):.4f} |",
        f"| all words in the picture hidden | "
        f"{sum(t.covered >= HIDDEN for t in inside) / max(1, len(inside)):.4f} |",
        f"| changed area that is PHI text ±{MARGIN} px | {1 - damage / max(1, changed):.4f} |",
        f"| CPU seconds an object, mean and worst | "
        f"{np.mean([o.cpu for o in outcomes]):.2f}, {max(o.cpu for o in outcomes):.2f} |",
        f"| wall seconds an object, {os.environ.get(THREADS_VARIABLE, '1')} thread(s) | "
        f"{np.mean([o.seconds for o in outcomes]):.2f} |",
        "",
        "| screen | what | covered | as wanted |",
        "|---|---|---:|---|",
    ]
    lines += [f"| {n} | {w} | {s:.2f} | {'yes' if ok else '**no**'} |" for n, w, s, ok in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.environ.get("SAFELIGHT_DATA"), type=Path)
    parser.add_argument("--engine", default="rapidocr")
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    if arguments.pictures:
        arguments.pictures.mkdir(parents=True, exist_ok=True)
    stage = PixelStage(PixelPolicy(engine=arguments.engine))
    outcomes = synthetic(stage, arguments.data / "dicom-jsl-deid", arguments.pictures)
    for outcome in outcomes:
        missed = [
            (t.text, round(t.covered, 2))
            for t in outcome.tokens
            if t.legible and t.covered < HIDDEN
        ]
        share = outcome.spared / max(1, outcome.changed)
        print(outcome.name[-28:], f"{outcome.cpu:.2f}", f"damage {share:.2f}", missed, flush=True)
    rows = screens(stage, arguments.data, arguments.pictures)
    table = report(outcomes, rows, arguments.engine)
    print(table)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "burned_in.md").write_text(table)


if __name__ == "__main__":
    main()
