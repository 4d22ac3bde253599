"""Burned-in text on real pictures: what is hidden, what is spared, what it costs, side by side.

    python -m benchmarks.burned_in --data FOLDER [--methods rapidocr tesseract presidio ...]
                                   [--presidio INTERPRETER --model SPACY_MODEL]

FOLDER holds ``dicom-jsl-deid`` (49 objects with the boxes of synthetic PHI) and
``ground-truth-burned-in`` (screens of real devices). Each method gives the boxes that it hides
in the same objects, and all are judged alike. ``presidio`` is Presidio's DICOM redactor as it
ships and ``presidio-sparse`` the same with Tesseract's page mode for sparse text; they need an
interpreter that has `presidio-image-redactor`. A method that is not named keeps its last
figures. Written: ``benchmarks/results/burned_in.json``, and from it ``burned_in.md``.
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

from benchmarks import burned_in_truth as truth
from benchmarks.burned_in_table import table
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

RESULTS = Path(__file__).parent / "results"
OWN = ("rapidocr", "tesseract")
PRESIDIO = {"presidio": [], "presidio-sparse": ["--psm 11"]}
#: What the header gives of a patient, as the header stage collects it.
KNOWN = (
    ("PatientName", "NAME"), ("OtherPatientNames", "NAME"), ("ReferringPhysicianName", "NAME"),
    ("PerformingPhysicianName", "NAME"), ("OperatorsName", "NAME"), ("PatientID", "ID"),
    ("AccessionNumber", "ID"), ("StudyID", "ID"), ("PatientBirthDate", "DATE"),
    ("StudyDate", "DATE"), ("SeriesDate", "DATE"), ("InstitutionName", "LOCATION"),
    ("InstitutionAddress", "LOCATION"), ("PatientAge", "AGE"),
)  # fmt: skip


@dataclass
class Outcome:
    """What a method did to one object: boxes hidden, seconds, and why it refused if it did."""

    boxes: list[Box] = field(default_factory=list)
    cpu: float = 0.0
    wall: float = 0.0
    refused: str = ""


def known_of(source: FrameSource) -> KnownPHI:
    """The identifying values of a header."""
    values = []
    for keyword, entity in KNOWN:
        for part in source.get_values(keyword):
            if str(part).strip():
                values.append(KnownValue(entity, str(part)))
    return KnownPHI(values)


def cpu_seconds() -> float:
    """CPU seconds of this process and of the programs that it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def by_stage(engine: Any, paths: Sequence[Path]) -> list[Outcome]:
    """Scan, decide, redact and prove each object by the pixel stage, with no text model."""
    stage = PixelStage(PixelPolicy(engine=engine))
    stage.reader  # noqa: B018  loads the models, which is not what is measured
    outcomes = []
    for path in paths:
        data, outcome = path.read_bytes(), Outcome()
        known = known_of(FrameSource.from_bytes(data))
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


def by_presidio(
    interpreter: str, model: str, options: Sequence[str], paths: Sequence[Path]
) -> list[Outcome]:
    """What Presidio's redactor answers for each object."""
    child = Path(__file__).with_name("presidio_child.py")
    done = subprocess.run(  # noqa: S603  the interpreter that was asked for
        [interpreter, str(child), model, *options],
        input="\n".join(map(str, paths)), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return [
        Outcome([Box(*b) for b in a["boxes"]], a["cpu"], a["wall"], a["error"])
        for a in map(json.loads, done.stdout.splitlines())
    ]


class Pictures:
    """The objects, read once, and the judgement of what a method hides in them."""

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

    def judged(self, outcomes: Sequence[Outcome], folder: Path | None) -> dict[str, Any]:
        """The figures of one method; pictures of what it hid go to the folder."""
        split = len(self.synthetic)
        figures = self._words(outcomes[:split], folder)
        figures["screens"] = [
            row
            for (path, wanted), outcome in zip(self.screens.items(), outcomes[split:])
            for row in self._screen(path, wanted, outcome, folder)
        ]
        return figures

    def _words(self, outcomes: Sequence[Outcome], folder: Path | None) -> dict[str, Any]:
        words: list[truth.Token] = []
        changed = damage = 0
        markers: list[bool] = []
        missed: list[str] = []
        for number, (path, outcome) in enumerate(zip(self.synthetic, outcomes)):
            annotation = json.loads(path.with_suffix(".json").read_text("utf-8"))["annotation"]
            source = FrameSource.from_bytes(path.read_bytes())
            info, shown = source.info, frame_groups.make_frame_picture(source, (0,)).full_range
            hidden = covered_pixels([Fill(box) for box in outcome.boxes], info)
            own = truth.tokens_of(annotation, info.rows, info.columns)
            truth.judge(own, shown, hidden)
            words += own
            allowed = truth.near_text(annotation, own, info.rows, info.columns)
            changed += int(hidden.sum())
            damage += int((hidden & ~allowed).sum())
            stands = [truth.share(hidden, b) <= truth.LOST for _, b in truth.markers_of(path.name)]
            markers += stands
            left = [n for n, t in enumerate(own) if t.legible and t.covered < truth.HIDDEN]
            if left or not all(stands):
                missed.append(f"object {number}: words {left}, {stands.count(False)} markers")
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
            "hidden_legible": sum(t.covered >= truth.HIDDEN for t in legible),
            "hidden_in_picture": sum(t.covered >= truth.HIDDEN for t in inside),
            "pixels_changed": changed,
            "pixels_damaged": damage,
            "markers": len(markers),
            "markers_lost": markers.count(False),
            "cpu": [round(o.cpu, 3) for o in outcomes],
            "wall": [round(o.wall, 3) for o in outcomes],
            "missed": missed,
        }

    def _screen(
        self, path: Path, wanted: dict[str, Any], outcome: Outcome, folder: Path | None
    ) -> list[tuple[str, str, float, bool]]:
        """Object, what, share covered, as wanted: for each box and each string of a screen."""
        source = FrameSource.from_bytes(path.read_bytes())
        hidden = covered_pixels([Fill(box) for box in outcome.boxes], source.info)
        rows = []
        for box in wanted["boxes"]:
            part = truth.share(hidden, Box(box["left"], box["top"], box["width"], box["height"]))
            rows.append((path.name, box["type"], round(part, 3), part >= 0.95))
        left = [line for line in self._read(path) if truth.share(hidden, line.box) <= 0.3]
        plain = "".join("".join(line.text for line in left).split()).lower()
        for string in wanted["must_survive"]:
            looked = "".join(string.split(" (")[0].split()).lower()
            there = looked in plain or fuzz.partial_ratio(looked, plain) >= 85
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
        """The text of a screen before anything is hidden, read once."""
        if path not in self._lines:
            self._lines[path] = PixelStage(PixelPolicy()).scan(parse(path.read_bytes())).lines
        return self._lines[path]


def draw(
    shown: npt.NDArray[np.uint8], outcome: Outcome, words: Sequence[truth.Token], path: Path
) -> None:
    """The picture with masks green, missed words red, illegible ones yellow."""
    canvas = (
        cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR) if shown.ndim == 2 else shown[:, :, ::-1].copy()
    )
    for x, y, w, h in outcome.boxes:
        cv2.rectangle(canvas, (x, y), (x + w - 1, y + h - 1), (0, 200, 0), 1)
    for token in words:
        x, y, w, h = token.box
        if not token.legible or token.covered < truth.HIDDEN:
            colour = (0, 0, 255) if token.legible else (0, 255, 255)
            cv2.rectangle(canvas, (x, y), (x + w, y + h), colour, 1)
    cv2.imwrite(str(path), canvas)


def main() -> None:
    """Run the methods that were asked for and write the table of all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", default=os.environ.get("SAFELIGHT_DATA"), type=Path)
    parser.add_argument(
        "--methods", nargs="+", default=[*OWN, *PRESIDIO], choices=[*OWN, *PRESIDIO]
    )
    parser.add_argument("--presidio", metavar="INTERPRETER", help="a Python that has Presidio")
    parser.add_argument("--model", default="en_core_web_lg", help="its spaCy model")
    parser.add_argument("--pictures", type=Path, help="folder for pictures of what was hidden")
    parser.add_argument("--only", default="", help="objects whose path holds this; writes nothing")
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("give --data FOLDER or set SAFELIGHT_DATA")
    pictures = Pictures(arguments.data, arguments.only)
    new: dict[str, dict[str, Any]] = {}
    for method in arguments.methods:
        folder = arguments.pictures / method if arguments.pictures else None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        if method in OWN:
            outcomes = by_stage(method, pictures.paths)
        elif arguments.presidio:
            options = PRESIDIO[method]
            outcomes = by_presidio(arguments.presidio, arguments.model, options, pictures.paths)
        else:
            new[method] = {"missing": "not installed"}
            continue
        new[method] = pictures.judged(outcomes, folder)
        if method in OWN:
            new[method]["threads"] = read_thread_count()
        else:
            new[method]["model"] = arguments.model
    # Read only now: another run may have measured another method meanwhile.
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
