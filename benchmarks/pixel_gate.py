"""The gate before character recognition: what it stops, whether text is lost, what frames cost.

    python -m benchmarks.pixel_gate --data FOLDER [--folders PATTERN]

Each object of ``FOLDER/dicom-*`` goes through the pixel stage from its bytes to the proof. Where
the gate stopped a frame, the frames are then read whole, past the gate: a line that is read
surely where the stage saw none is text that the gate lost. Objects count as with text when any
line is read surely.
Figures of folders that are not measured again stay. Written:
``benchmarks/results/pixel_gate.json``, and from it ``pixel_gate.md``.
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

RESULTS = Path(__file__).parent / "results"
#: A line is text for certain when it is read so surely and holds so many letters and digits.
SURE, SIGNS = 0.9, 3
#: Frames of an object that are read past the gate to see what it lost.
FRAMES_CHECKED = 12
#: Folders from which the gate's second look was trained (``tools/gate_model``).
TRAINED = frozenset(
    f"dicom-{name}"
    for name in ("pydicom", "pydicom-data", "highdicom", "dicomParser", "libdicom", "dicognito")
)


def certain(lines: Iterable[Any]) -> bool:
    """Whether any of the lines is text for certain."""
    return any(
        line.confidence >= SURE and sum(c.isascii() and c.isalnum() for c in line.text) >= SIGNS
        for line in lines
    )


def lost_in(source: FrameSource, scan: PixelScan, reader: TextReader) -> list[str]:
    """Text that is read surely in frames that the gate stops, where the stage read nothing.

    The whole frame is read in one go, past the gate and past the places that it marks.
    """
    found: list[str] = []
    for group in frame_groups.group_equal_frames(source)[:FRAMES_CHECKED]:
        picture = frame_groups.make_frame_picture(source, group).full_range
        factor = choose_scale(*picture.shape[:2])
        for reading in reader.read(resize(picture, factor)):
            box = reading.box.scale(1 / factor)
            known = (
                line.box
                for line in scan.lines
                if line.frames is None or not set(line.frames).isdisjoint(group)
            )
            if certain([reading]) and not any(map(box.intersects, known)):
                found.append(reading.text)
    return found


def measured(path: Path, stage: PixelStage) -> dict[str, Any] | None:
    """What the stage saw in one object and what it took; ``None`` without pixels to look at."""
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
        "text": certain(scan.lines),
        "masks": len(masks),
        "scan": round(read - began, 3),
        "rest": round(time.process_time() - read, 3),
        "lost": lost_in(source, scan, stage.reader) if scan.gated_pictures else [],
    }


def table(figures: dict[str, dict[str, dict[str, Any]]]) -> str:
    """The figures by modality as Markdown."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for folder in figures.values():
        for seen in folder.values():
            if "refused" not in seen:
                rows.setdefault(seen["modality"] or "-", []).append(seen)
    objects = [seen for own in rows.values() for seen in own]
    lines = [
        "# The gate before character recognition",
        "",
        "Written by `python -m benchmarks.pixel_gate --data FOLDER` over "
        + ", ".join(f"`{name}` ({len(own)})" for name, own in sorted(figures.items()))
        + ". A picture is a distinct frame, or one of the extreme pictures of a stretch of a "
        "long film. An object is with text when any line is read surely. Seconds are CPU "
        "seconds from the bytes to the proof, one thread; frames that the gate stopped were "
        "read once more to see what it lost, which is not counted.",
        "",
        "| modality | objects | with text | pictures without text: gated | with text: gated "
        "| text lost | CPU s of an object with nothing read | CPU s with something read |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, own in [*sorted(rows.items(), key=lambda r: -len(r[1])), ("**all**", objects)]:
        plain, written = ([s for s in own if s["text"] == text] for text in (False, True))
        stopped, looked = ([s for s in own if bool(s["gated"] == s["pictures"]) == all_gated]
                           for all_gated in (True, False))  # fmt: skip
        lines.append(
            f"| {name} | {len(own)} | {len(written)} | {_gated(plain)} | {_gated(written)} "
            f"| {sum(len(s['lost']) for s in own)} | {_seconds(stopped)} | {_seconds(looked)} |"
        )
    unseen: dict[str, list[dict[str, Any]]] = {}
    for name, own in figures.items():
        for seen in own.values() if name not in TRAINED else ():
            if "refused" not in seen:
                unseen.setdefault(seen["modality"] or "-", []).append(seen)
    lines += ["", "Pictures without text that are stopped in folders from which the second "
              "look was not trained: " + ", ".join(
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
    """Measure the folders that were asked for and write the table of all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", default=os.environ.get("SAFELIGHT_DATA"), type=Path)
    parser.add_argument("--folders", default="dicom-*", help="which (default: %(default)s)")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
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
            one = measured(path, stage) if _is_dicom(path) else None
            if one is not None:
                seen[str(path.relative_to(folder))] = one
                print(folder.name, path.name, one, flush=True)
        # Read again only now: another run may have measured another folder meanwhile.
        figures = json.loads(written.read_text("utf-8")) if written.exists() else {}
        figures[folder.name] = seen
        written.write_text(json.dumps(figures, indent=0) + "\n", "utf-8")
        (RESULTS / "pixel_gate.md").write_text(table(figures), "utf-8")


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(132)[128:] == b"DICM"


if __name__ == "__main__":
    main()
