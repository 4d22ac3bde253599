"""Measure the gate before OCR: stopped frames, lost text, and CPU seconds per frame.

    python -m benchmarks.pixels.gate --data FOLDER [--folders PATTERN]

Each object of ``FOLDER/dicom-*`` is processed by the pixel stage, from its bytes to the check for
remaining PHI. If the gate stopped a frame, OCR then reads whole frames without the gate: a
confident line where the stage read none is text that the gate lost. An object counts as with text
if one of its lines was read with confidence. Figures of folders that are not measured again are
kept. The results are ``benchmarks/results/pixel_gate.json`` and ``pixel_gate.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from safelight.dicom.parser import parse
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import frame_groups
from safelight.pixels.gate.windowing import resize
from safelight.pixels.models import PixelScan
from safelight.pixels.ocr.base import TextReader
from safelight.pixels.ocr.multi_pass import choose_scale
from safelight.pixels.stage import PixelStage
from safelight.records import Refusal
from safelight.rules.policies import PixelPolicy
from safelight.text.known.known_phi import KnownPHI

RESULTS = Path(__file__).parents[1] / "results"
#: Confidence of a line, and number of its letters and digits, from which it is certainly text.
MIN_CONFIDENCE, MIN_CHARACTERS = 0.9, 3
#: Frames of an object that OCR reads without the gate to find lost text.
MAX_CHECKED_FRAMES = 12
#: Folders with training data of the neural networks of the gate (``tools/gate_model``).
TRAINING_FOLDERS = frozenset(
    f"dicom-{name}"
    for name in (
        "pydicom",
        "pydicom-data",
        "highdicom",
        "dicomParser",
        "libdicom",
        "dicognito",
        "dcmjs",
        "rsna-anonymizer",
    )
)


def is_certainly_text(lines: Iterable[Any]) -> bool:
    """Return whether one of the lines is certainly text."""
    return any(
        line.confidence >= MIN_CONFIDENCE
        and sum(c.isascii() and c.isalnum() for c in line.text) >= MIN_CHARACTERS
        for line in lines
    )


def find_lost_text(source: FrameSource, scan: PixelScan, reader: TextReader) -> list[str]:
    """Return confident OCR text in stopped frames where the stage read none.

    The whole frame is read at once, without the gate and its crop regions.
    """
    found: list[str] = []
    for group in frame_groups.group_equal_frames(source)[:MAX_CHECKED_FRAMES]:
        picture = frame_groups.make_frame_picture(source, group).full_range
        factor = choose_scale(*picture.shape[:2])
        for reading in reader.read(resize(picture, factor)):
            box = reading.box.scale(1 / factor)
            known = (
                line.box
                for line in scan.lines
                if line.frames is None or not set(line.frames).isdisjoint(group)
            )
            if is_certainly_text([reading]) and not any(map(box.intersects, known)):
                found.append(reading.text)
    return found


def measure_object(path: Path, stage: PixelStage) -> dict[str, Any] | None:
    """Return the figures of one object; ``None`` if it has no pixels to read."""
    try:
        parsed = parse(path.read_bytes())
        source = FrameSource(parsed)
        if not source.has_pixels:
            return None
        source.read_frame(0)
        began = time.process_time()
        scan = stage.scan(parsed)
        read = time.process_time()
        masks = stage.decide(scan, KnownPHI([]), {})
        stage.redact(parsed, scan, masks, KnownPHI([]))
    except Refusal as refusal:
        return {"refused": refusal.reason.name}
    info = source.info
    pictures = scan.gated_pictures + scan.read_pictures
    return {
        "modality": str((source.get_values("Modality") or ["-"])[0]),
        "megapixels": round(info.rows * info.columns / 1e6, 3),
        "frames": scan.frames,
        "distinct": scan.distinct_frames,
        "pictures": pictures,
        "gated": scan.gated_pictures,
        "text": is_certainly_text(scan.lines),
        "masks": len(masks),
        "scan": round(read - began, 3),
        "rest": round(time.process_time() - read, 3),
        "lost": find_lost_text(source, scan, stage.reader) if scan.gated_pictures else [],
    }


def table(figures: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Return the figures by modality as Markdown."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for folder in figures.values():
        for seen in folder.values():
            if "refused" not in seen:
                rows.setdefault(seen["modality"] or "-", []).append(seen)
    objects = [seen for own in rows.values() for seen in own]
    lines = [
        "# The gate before OCR",
        "",
        "Written by `python -m benchmarks.pixels.gate --data FOLDER` over "
        + ", ".join(f"`{name}` ({len(own)})" for name, own in sorted(figures.items()))
        + ". A picture is a distinct frame, or one of the minimum and maximum pictures of a group "
        "of frames. An object counts as with text if one of its lines was read with confidence. "
        "Seconds are CPU seconds from the bytes to the check for remaining PHI, with one thread. "
        "Frames that the gate stopped were read again to find lost text, which is not counted.",
        "",
        "| modality | objects | with text | pictures without text: gated | with text: gated "
        "| text lost | CPU s per object, all gated | CPU s per object, some read |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, own in [*sorted(rows.items(), key=lambda r: -len(r[1])), ("**all**", objects)]:
        plain, written = ([s for s in own if s["text"] == text] for text in (False, True))
        stopped, read = ([s for s in own if bool(s["gated"] == s["pictures"]) == all_gated]
                           for all_gated in (True, False))  # fmt: skip
        lines.append(
            f"| {name} | {len(own)} | {len(written)} | {_gated(plain)} | {_gated(written)} "
            f"| {sum(len(s['lost']) for s in own)} | {_seconds(stopped)} | {_seconds(read)} |"
        )
    unseen: dict[str, list[dict[str, Any]]] = {}
    for name, measured in figures.items():
        for seen in measured.values() if name not in TRAINING_FOLDERS else ():
            if "refused" not in seen:
                unseen.setdefault(seen["modality"] or "-", []).append(seen)
    lines += ["", "Pictures without text that the gate stopped, in folders that were not "
              "training data of the gate: " + ", ".join(
        f"{name} {_gated([s for s in own if not s['text']])}"
        for name, own in sorted(unseen.items(), key=lambda item: -len(item[1]))
        if any(not s["text"] for s in own)
    ) + "."]  # fmt: skip
    refused = sum("refused" in s for f in figures.values() for s in f.values())
    lines += ["", f"{refused} objects were refused (no decoder, truncated, …) and are not counted."]
    for path, objects_of in sorted(figures.items()):
        for name, seen in sorted(objects_of.items()):
            if seen.get("lost"):
                lines.append(f"- text in a gated frame: `{path}/{name}`: {len(seen['lost'])}")
    return "\n".join(lines) + "\n"


def _gated(own: list[dict[str, Any]]) -> str:
    pictures = sum(seen["pictures"] for seen in own)
    stopped = sum(seen["gated"] for seen in own)
    return f"{stopped} of {pictures} ({stopped / pictures:.0%})" if pictures else "-"


def _seconds(own: list[dict[str, Any]]) -> str:
    if not own:
        return "-"
    return f"{sum(seen['scan'] + seen['rest'] for seen in own) / len(own):.2f}"


def main() -> None:
    """Measure the folders and write the table of all folders."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", default=os.environ.get("SAFELIGHT_DATA"), type=Path)
    parser.add_argument(
        "--folders", default="dicom-*", help="pattern of the folders (default: %(default)s)"
    )
    parser.add_argument("--fresh", action="store_true", help="delete earlier figures")
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("give --data FOLDER or set SAFELIGHT_DATA")
    warnings.simplefilter("ignore")
    written = RESULTS / "pixel_gate.json"
    if arguments.fresh:
        written.unlink(missing_ok=True)
    stage = PixelStage(PixelPolicy())
    for folder in sorted(arguments.data.glob(arguments.folders)):
        seen: dict[str, dict[str, Any]] = {}
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            one = measure_object(path, stage) if _is_dicom(path) else None
            if one is not None:
                seen[str(path.relative_to(folder))] = one
                print(folder.name, path.name, one, flush=True)
        # Read late, because another run may have measured another folder in the meantime.
        figures = json.loads(written.read_text("utf-8")) if written.exists() else {}
        figures[folder.name] = seen
        written.write_text(json.dumps(figures, indent=0) + "\n", "utf-8")
        (RESULTS / "pixel_gate.md").write_text(table(figures), "utf-8")


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(132)[128:] == b"DICM"


if __name__ == "__main__":
    main()
