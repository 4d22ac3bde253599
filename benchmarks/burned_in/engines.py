"""Compare methods that mask burned-in text in real pictures: recall, damage and cost.

    python -m benchmarks.burned_in.engines --data FOLDER [--methods rapidocr tesseract presidio ...]
                                   [--presidio INTERPRETER --model SPACY_MODEL]

FOLDER contains ``dicom-jsl-deid`` (49 objects with the boxes of synthetic PHI) and
``ground-truth-burned-in`` (screens of real devices). Each method returns the boxes that it masks
in the same objects, and all methods are scored in the same way. ``presidio`` is Presidio's DICOM
redactor with its default settings, ``presidio-sparse`` the same with the page segmentation mode of
Tesseract for sparse text; both need an interpreter with `presidio-image-redactor`. A method that
is not named keeps its last figures. The results are ``benchmarks/results/burned_in.json`` and
``burned_in.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from benchmarks.burned_in import truth
from benchmarks.burned_in.table import table
from safelight.dicom.parser import parse
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import frame_groups
from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.ocr.rapid import read_thread_count
from safelight.pixels.redact.painting import Fill, covered_pixels
from safelight.pixels.stage import PixelStage
from safelight.records import Refusal
from safelight.rules.policies import PixelPolicy
from safelight.text.known.known_phi import KnownPHI, KnownValue

RESULTS = Path(__file__).parents[1] / "results"
OCR_ENGINES = ("rapidocr", "tesseract")
PRESIDIO_OPTIONS = {"presidio": [], "presidio-sparse": ["--psm 11"]}
#: Attributes whose values the header stage collects as known values, with their entities.
KNOWN_ATTRIBUTES = (
    ("PatientName", "NAME"), ("OtherPatientNames", "NAME"), ("ReferringPhysicianName", "NAME"),
    ("PerformingPhysicianName", "NAME"), ("OperatorsName", "NAME"), ("PatientID", "ID"),
    ("AccessionNumber", "ID"), ("StudyID", "ID"), ("PatientBirthDate", "DATE"),
    ("StudyDate", "DATE"), ("SeriesDate", "DATE"), ("InstitutionName", "LOCATION"),
    ("InstitutionAddress", "LOCATION"), ("PatientAge", "AGE"),
)  # fmt: skip


@dataclass
class MethodResult:
    """Result of a method for one object: masked boxes, seconds, and reason code of a refusal."""

    boxes: list[Box] = field(default_factory=list)
    cpu: float = 0.0
    wall: float = 0.0
    refused: str = ""


def known_values_of(source: FrameSource) -> KnownPHI:
    """Return the identifying values of a header."""
    values = []
    for keyword, entity in KNOWN_ATTRIBUTES:
        for part in source.get_values(keyword):
            if str(part).strip():
                values.append(KnownValue(entity, str(part)))
    return KnownPHI(values)


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of its finished child processes."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def run_pixel_stage(engine: Any, paths: Sequence[Path]) -> list[MethodResult]:
    """Scan, redact and check each object with the pixel stage, without a text model."""
    stage = PixelStage(PixelPolicy(engine=engine))
    stage.reader  # noqa: B018  load the models before the measurement
    outcomes = []
    for path in paths:
        data, outcome = path.read_bytes(), MethodResult()
        known = known_values_of(FrameSource.from_bytes(data))
        wall, cpu = time.perf_counter(), cpu_seconds()
        try:
            parsed = parse(data)
            scan = stage.scan(parsed)
            redaction = stage.redact(parsed, scan, stage.decide(scan, known, {}), known)
            outcome.boxes = [mask.box for mask in redaction.masks]
        except Refusal as refusal:
            outcome.refused = refusal.reason.name
        outcome.wall, outcome.cpu = time.perf_counter() - wall, cpu_seconds() - cpu
        outcomes.append(outcome)
        print(engine, path.name[-28:], f"{outcome.cpu:.2f} s", outcome.refused, flush=True)
    return outcomes


def run_presidio(
    interpreter: str, model: str, options: Sequence[str], paths: Sequence[Path]
) -> list[MethodResult]:
    """Return the results of Presidio's redactor for each object."""
    child = Path(__file__).with_name("presidio_child.py")
    done = subprocess.run(  # noqa: S603  the interpreter that the user names
        [interpreter, str(child), model, *options],
        input="\n".join(map(str, paths)), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return [
        MethodResult([Box(*b) for b in a["boxes"]], a["cpu"], a["wall"], a["error"])
        for a in map(json.loads, done.stdout.splitlines())
    ]


class GroundTruthPictures:
    """Objects with ground truth; scores the boxes that a method masks in them."""

    def __init__(self, data: Path, only: str = ""):
        synthetic = sorted((data / "dicom-jsl-deid").glob("*.dcm"))
        self.synthetic = [path for path in synthetic if only in path.name]
        self.screens: dict[Path, dict[str, Any]] = {}
        for path in sorted((data / "ground-truth-burned-in").glob("*.json")):
            for relative, wanted in json.loads(path.read_text("utf-8")).items():
                if (data / relative).exists() and only in relative:
                    self.screens[data / relative] = wanted
        self._lines: dict[Path, tuple[TextLine, ...]] = {}

    @property
    def paths(self) -> list[Path]:
        """All objects, those with synthetic PHI first."""
        return [*self.synthetic, *self.screens]

    def score(self, outcomes: Sequence[MethodResult], folder: Path | None) -> dict[str, Any]:
        """Return the figures of one method, and write pictures of its masks to the folder."""
        split = len(self.synthetic)
        figures = self._words(outcomes[:split], folder)
        figures["screens"] = [
            row
            for (path, wanted), outcome in zip(self.screens.items(), outcomes[split:])
            for row in self._screen(path, wanted, outcome, folder)
        ]
        return figures

    def _words(self, outcomes: Sequence[MethodResult], folder: Path | None) -> dict[str, Any]:
        words: list[truth.TruthWord] = []
        changed = damage = 0
        markers: list[bool] = []
        missed: list[str] = []
        for number, (path, outcome) in enumerate(zip(self.synthetic, outcomes)):
            annotation = json.loads(path.with_suffix(".json").read_text("utf-8"))["annotation"]
            source = FrameSource.from_bytes(path.read_bytes())
            info, shown = source.info, frame_groups.make_frame_picture(source, (0,)).full_range
            hidden = covered_pixels([Fill(box) for box in outcome.boxes], info)
            own = truth.tokens_of(annotation, info.rows, info.columns)
            truth.score_words(own, shown, hidden)
            words += own
            allowed = truth.pixels_near_text(annotation, own, info.rows, info.columns)
            changed += int(hidden.sum())
            damage += int((hidden & ~allowed).sum())
            kept = [
                truth.share(hidden, b) <= truth.MAX_MARKER_SHARE
                for _, b in truth.markers_of(path.name)
            ]
            markers += kept
            left = [
                n for n, t in enumerate(own) if t.legible and t.covered < truth.MIN_HIDDEN_SHARE
            ]
            if left or not all(kept):
                missed.append(f"object {number}: words {left}, {kept.count(False)} markers")
            if folder is not None:
                draw(shown, outcome, own, folder / f"synthetic{number:02d}.png")
        legible = [t for t in words if t.legible]
        inside = [t for t in words if t.inside >= 0.5]
        return {
            "objects": len(outcomes),
            "refused": sum(bool(o.refused) for o in outcomes),
            "words": len(words),
            "words_in_picture": len(inside),
            "words_legible": len(legible),
            "hidden_legible": sum(t.covered >= truth.MIN_HIDDEN_SHARE for t in legible),
            "hidden_in_picture": sum(t.covered >= truth.MIN_HIDDEN_SHARE for t in inside),
            "pixels_changed": changed,
            "pixels_damaged": damage,
            "markers": len(markers),
            "markers_lost": markers.count(False),
            "cpu": [round(o.cpu, 3) for o in outcomes],
            "wall": [round(o.wall, 3) for o in outcomes],
            "missed": missed,
        }

    def _screen(
        self, path: Path, wanted: dict[str, Any], outcome: MethodResult, folder: Path | None
    ) -> list[tuple[str, str, float, bool]]:
        """Return a row for each box and string of a screen: name, type, covered share, success."""
        source = FrameSource.from_bytes(path.read_bytes())
        hidden = covered_pixels([Fill(box) for box in outcome.boxes], source.info)
        rows = []
        for box in wanted["boxes"]:
            part = truth.share(hidden, Box(box["left"], box["top"], box["width"], box["height"]))
            rows.append((path.name, box["type"], round(part, 3), part >= 0.95))
        left = [line for line in self._read(path) if truth.share(hidden, line.box) <= 0.3]
        plain = "".join("".join(line.text for line in left).split()).lower()
        for string in wanted["must_survive"]:
            wanted_text = "".join(string.split(" (")[0].split()).lower()
            there = wanted_text in plain or fuzz.partial_ratio(wanted_text, plain) >= 85
            rows.append((path.name, "must survive", 0.0, there))
        if not wanted["boxes"]:
            rows.append((path.name, "untouched", float(hidden.mean()), not outcome.boxes))
        if folder is not None:
            draw(
                frame_groups.make_frame_picture(source, (0,)).full_range,
                outcome,
                (),
                folder / f"screen_{path.stem}.png",
            )
        return rows

    def _read(self, path: Path) -> tuple[TextLine, ...]:
        """Return the text of a screen before masking; each screen is read once."""
        if path not in self._lines:
            self._lines[path] = PixelStage(PixelPolicy()).scan(parse(path.read_bytes())).lines
        return self._lines[path]


def draw(
    shown: npt.NDArray[np.uint8],
    outcome: MethodResult,
    words: Sequence[truth.TruthWord],
    path: Path,
) -> None:
    """Write the picture with masks in green, missed words in red and illegible words in yellow."""
    canvas = (
        cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR) if shown.ndim == 2 else shown[:, :, ::-1].copy()
    )
    for x, y, w, h in outcome.boxes:
        cv2.rectangle(canvas, (x, y), (x + w - 1, y + h - 1), (0, 200, 0), 1)
    for token in words:
        x, y, w, h = token.box
        if not token.legible or token.covered < truth.MIN_HIDDEN_SHARE:
            colour = (0, 0, 255) if token.legible else (0, 255, 255)
            cv2.rectangle(canvas, (x, y), (x + w, y + h), colour, 1)
    cv2.imwrite(str(path), canvas)


def main() -> None:
    """Run the methods and write the table of all methods."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", default=os.environ.get("SAFELIGHT_DATA"), type=Path)
    parser.add_argument(
        "--methods",
        nargs="+",
        default=[*OCR_ENGINES, *PRESIDIO_OPTIONS],
        choices=[*OCR_ENGINES, *PRESIDIO_OPTIONS],
    )
    parser.add_argument(
        "--presidio", metavar="INTERPRETER", help="Python interpreter with Presidio"
    )
    parser.add_argument("--model", default="en_core_web_lg", help="spaCy model of Presidio")
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the masks")
    parser.add_argument(
        "--only", default="", help="only objects whose path contains this; writes no results"
    )
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("give --data FOLDER or set SAFELIGHT_DATA")
    pictures = GroundTruthPictures(arguments.data, arguments.only)
    new: dict[str, dict[str, Any]] = {}
    for method in arguments.methods:
        folder = arguments.pictures / method if arguments.pictures else None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        if method in OCR_ENGINES:
            outcomes = run_pixel_stage(method, pictures.paths)
        elif arguments.presidio:
            options = PRESIDIO_OPTIONS[method]
            outcomes = run_presidio(arguments.presidio, arguments.model, options, pictures.paths)
        else:
            new[method] = {"missing": "not installed"}
            continue
        new[method] = pictures.score(outcomes, folder)
        if method in OCR_ENGINES:
            new[method]["threads"] = read_thread_count()
        else:
            new[method]["model"] = arguments.model
    # Read late, because another run may have measured another method in the meantime.
    written = RESULTS / "burned_in.json"
    figures = json.loads(written.read_text("utf-8")) if written.exists() else {}
    missing = {name for name, own in new.items() if "missing" in own}
    figures |= {name: own for name, own in new.items() if name not in missing & figures.keys()}
    text = table(figures)
    print(text)
    if not arguments.only:
        written.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
        (RESULTS / "burned_in.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
