"""Ground truth of burned-in text: words with boxes, their legibility, and markers to keep.

Each object of ``dicom-jsl-deid`` has a JSON file of keys and values, which its authors drew into
the picture (John Snow Labs, dicom-deid-dataset). Markers of the original pictures are in
``markers.yaml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from safelight.pixels.gate import windowing
from safelight.pixels.geometry import Box

#: A word is masked if masks cover this share of its box, clipped to the picture.
MIN_HIDDEN_SHARE = 0.9
#: A marker is lost if masks cover more than this share of its box.
MAX_MARKER_SHARE = 0.2
#: Pixels around PHI text that a mask may cover without counting as damage.
MARGIN_PIXELS = 12


@dataclass
class TruthWord:
    """One word of the ground truth and its box."""

    text: str
    box: Box
    inside: float = 1.0
    legible: bool = True
    covered: float = 0.0


def tokens_of(annotation: list[dict[str, Any]], rows: int, columns: int) -> list[TruthWord]:
    """Return the words of the values, each with a box.

    The ground truth has a box only for the last line of a wrapped value. The other lines begin at
    the same left edge and have the line pitch of the block.
    """
    pairs = [p["value"] for p in annotation if p["value"]["text"] and p["value"]["bbox"][2]]
    scales = [
        (v["bbox"][2] - v["bbox"][0]) / text_width(v["text"]) for v in pairs if len(v["text"]) < 16
    ]
    scale = float(np.median(scales))
    tops = sorted(v["bbox"][1] for v in pairs)
    pitch = float(np.median([b - a for a, b in zip(tops, tops[1:]) if b - a > 2] or [0]))
    found: list[TruthWord] = []
    for value in pairs:
        x0, y0, x1, y1 = value["bbox"]
        lines = [value["text"]]
        if text_width(value["text"]) * scale > 1.3 * (x1 - x0):
            # The box is as wide as the widest line: break the line before a word that does not fit.
            lines = [""]
            for word in value["text"].split():
                longer = (lines[-1] + " " + word).strip()
                if lines[-1] and text_width(longer) * scale > 1.06 * (x1 - x0):
                    lines.append(word)
                else:
                    lines[-1] = longer
        for number, line in enumerate(lines):
            top = y0 - round((len(lines) - 1 - number) * pitch)
            each = (x1 - x0) / text_width(line) if len(lines) == 1 else scale
            at = 0
            for word in line.split():
                begin = line.index(word, at)
                at = begin + len(word)
                left, right = (round(x0 + text_width(line[:n]) * each) for n in (begin, at))
                found.append(TruthWord(word, Box(left, top, right - left, y1 - y0)))
    for token in found:
        seen = token.box.clip(rows, columns)
        token.inside = seen.width * seen.height / max(1, token.box.width * token.box.height)
    return found


def text_width(text: str) -> float:
    """Return the width of a text in a bold sans-serif font, in average digits."""
    narrow = sum(character in "iIjlft.,:;'| " for character in text)
    wide = sum(character in "mwMW" for character in text)
    capital = sum(character.isupper() and character not in "IMW" for character in text)
    return len(text) - 0.45 * narrow + 0.4 * wide + 0.12 * capital


def score_words(
    tokens: Sequence[TruthWord], shown: npt.NDArray[np.uint8], hidden: npt.NDArray[np.bool_]
) -> None:
    """Set the legibility and the covered share of each word.

    A word is legible if at least half of its box is in the picture and its strokes differ from
    the background in at least 60 % of the columns.
    """
    strokes = np.abs(windowing.render_strokes(shown).astype(np.int16) - 128) > 40
    for token in tokens:
        token.covered = share(hidden, token.box)
        area = token.box.slices
        columns = strokes[area].any(axis=0)
        token.legible = token.inside >= 0.5 and columns.size > 0 and columns.mean() >= 0.6


def share(hidden: npt.NDArray[np.bool_], box: Box) -> float:
    """Return the covered share of a box, clipped to the picture; 1 if it is outside."""
    area = hidden[box.slices]
    return float(area.mean()) if area.size else 1.0


def pixels_near_text(
    annotation: list[dict[str, Any]], tokens: Sequence[TruthWord], rows: int, columns: int
) -> npt.NDArray[np.bool_]:
    """Return the pixels within the margin of PHI text, keys included."""
    allowed = np.zeros((rows, columns), bool)
    boxes = [token.box for token in tokens]
    for pair in annotation:
        for part in (pair["key"], pair["value"]):
            x0, y0, x1, y1 = part.get("bbox") or (0, 0, 0, 0)
            if x1:
                boxes.append(Box(x0, y0, x1 - x0, y1 - y0))
    for box in boxes:
        allowed[box.grow(MARGIN_PIXELS, MARGIN_PIXELS).slices] = True
    return allowed


def markers_of(name: str) -> tuple[tuple[str, Box], ...]:
    """Return text and box of the markers in an original picture."""
    for start, markers in _markers().items():
        if name.startswith(start):
            return tuple((marker["text"], Box(*marker["box"])) for marker in markers)
    return ()


@lru_cache(maxsize=1)
def _markers() -> dict[str, list[dict[str, Any]]]:
    path = Path(__file__).with_name("markers.yaml")
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text("utf-8"))
    return loaded
