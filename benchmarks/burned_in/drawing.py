"""Draw pictures with burned-in text: backgrounds, fonts, and DICOM objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from safelight.pixels.geometry import Box
from safelight.text.known.known_phi import KnownPHI


@dataclass(frozen=True)
class Condition:
    """Properties of an object; the defaults are those of the plain object."""

    name: str
    font: str = "sans"
    size: int = 14
    place: str = "top left"
    turn: int = 0
    ink: int = 255
    outline: bool = False
    ground: str = "phantom"
    kind: str = "grey8"
    noise: float = 4.0
    header: bool = True
    rows: int = 512
    frames: int = 1
    #: ``last``: only the last frame shows the text; ``moves``: it is elsewhere in each frame.
    motion: str = ""
    mirrored: bool = False


@dataclass(frozen=True)
class GeneratedObject:
    """A generated object with its ground truth: boxes and their text."""

    data: bytes
    known: KnownPHI
    values: tuple[tuple[str, Box], ...]
    kept: tuple[tuple[str, Box], ...]


def draw_background(condition: Condition, random_: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return a background: a phantom of an ellipse with organs, bright, paper, or texture."""
    side = condition.rows
    if condition.ground == "paper":
        paper = 244 + random_.normal(0, 1.5, (side, side))
        return np.clip(paper, 0, 255)[:, :, None].astype(np.float32)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    inside = (x / 0.8) ** 2 + (y / 0.65) ** 2 < 1
    picture = np.where(inside, 70 + 25 * np.sin(6 * x) * np.cos(5 * y), 8)
    for _ in range(6):
        cx, cy, r = random_.uniform(-0.5, 0.5, 2).tolist() + [random_.uniform(0.08, 0.25)]
        picture += np.where((x - cx) ** 2 + (y - cy) ** 2 < r * r, random_.uniform(-40, 60), 0)
    if condition.ground == "bright":
        picture = 255 - picture * 0.4
    if condition.ground == "texture":
        coarse = random_.normal(0, 1, (side // 4, side // 4))
        large = np.asarray(Image.fromarray(coarse.astype(np.float32)).resize((side, side)))
        picture = 110 + 60 * large
    picture = picture + random_.normal(0, condition.noise, (side, side))
    return np.clip(picture, 0, 250)[:, :, None].astype(np.float32)


def load_font(condition: Condition) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the condition's font; the default font of Pillow if DejaVu is not installed."""
    names = {
        "bold": "DejaVuSans-Bold.ttf",
        "mono": "DejaVuSansMono.ttf",
        "serif": "DejaVuSerif.ttf",
        "sans-all": "DejaVuSans.ttf",
    }
    if condition.font in names:
        try:
            return ImageFont.truetype(names[condition.font], condition.size)
        except OSError:
            pass
    return ImageFont.load_default(condition.size)


def draw_plotter_text(canvas: Image.Image, text: str, x: int, y: int, size: int) -> None:
    """Draw text in a plotter font, with strokes of one pixel."""
    array = np.array(canvas)
    cv2.putText(
        array, text, (x, y + size - 2), cv2.FONT_HERSHEY_SIMPLEX, size / 30, 255, 1, cv2.LINE_AA
    )
    canvas.paste(Image.fromarray(array))


def plotter_text_width(text: str, size: int) -> float:
    """Return the width of a text in the plotter font, in pixels."""
    return float(cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size / 30, 1)[0][0])


#: Segments of each digit: top, upper left, upper right, middle, lower left, lower right, bottom.
_SEGMENTS = {
    "0": "1110111", "1": "0010010", "2": "1011101", "3": "1011011", "4": "0111010",
    "5": "1101011", "6": "1101111", "7": "1010010", "8": "1111111", "9": "1111011",
}  # fmt: skip


def draw_segments(canvas: Image.Image, text: str, x: int, y: int, size: int) -> None:
    """Draw digits and signs in seven segments, as displays of devices show them."""
    draw, wide = ImageDraw.Draw(canvas), size // 2
    for number, character in enumerate(text):
        left, middle, bottom = x + number * segment_width(size), y + size // 2, y + size
        right = left + wide
        lines = (
            (left, y, right, y), (left, y, left, middle), (right, y, right, middle),
            (left, middle, right, middle), (left, middle, left, bottom),
            (right, middle, right, bottom), (left, bottom, right, bottom),
        )  # fmt: skip
        shown = _SEGMENTS.get(character, "0001000" if character in "-/" else "0000000")
        for line, is_on in zip(lines, shown):
            if is_on == "1":
                draw.line(line, fill=255, width=max(1, size // 10))


def segment_width(size: int) -> int:
    """Return the distance of two digits in seven segments."""
    return size // 2 + max(3, size // 4)


def draw_dots(canvas: Image.Image, text: str, x: int, y: int, size: int) -> None:
    """Draw text in a matrix of dots that do not touch."""
    pitch = max(2, size // 8)
    font = ImageFont.load_default(9)
    small = Image.new("1", (round(font.getlength(text)) + 2, 12))
    ImageDraw.Draw(small).text((0, 0), text, 1, font)
    draw = ImageDraw.Draw(canvas)
    for row, column in zip(*np.nonzero(np.array(small))):
        left, top = x + int(column) * pitch, y + int(row) * pitch
        draw.rectangle((left, top, left + pitch - 2, top + pitch - 2), fill=255)


def dots_width(text: str, size: int) -> float:
    """Return the width of a text in a matrix of dots, in pixels."""
    return float(ImageFont.load_default(9).getlength(text) * max(2, size // 8))


def encode_object(
    picture: npt.NDArray[np.float32],
    condition: Condition,
    others: Sequence[npt.NDArray[np.float32]] = (),
) -> bytes:
    """Return the picture as a DICOM object of the condition's kind.

    Parameters
    ----------
    picture : ndarray
        The first frame, (rows, columns, 1), 0 to 255.
    condition : Condition
    others : sequence of ndarray
        Further frames of 8 bits; without them, a part of the first frame moves in the others.
    """
    kind, plain = condition.kind, picture[:, :, 0]
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid()
    dataset.Modality = "OT"
    dataset.Rows, dataset.Columns = plain.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.PixelRepresentation = 0
    stored: npt.NDArray[np.generic] = np.rint(plain).astype(np.uint8)
    if kind == "grey16":
        dataset.BitsAllocated, dataset.BitsStored = 16, 12
        stored = np.rint(plain * 4095 / 255).astype(np.uint16)
        dataset.WindowCenter, dataset.WindowWidth = 900, 700
    elif kind == "signed16":
        dataset.BitsAllocated = dataset.BitsStored = 16
        dataset.PixelRepresentation = 1
        stored = np.rint(plain * 3000 / 255 - 1024).astype(np.int16)
        dataset.WindowCenter, dataset.WindowWidth = 40, 400
    elif kind == "monochrome1":
        dataset.PhotometricInterpretation = "MONOCHROME1"
        stored = 255 - np.asarray(stored, np.uint8)
    elif kind == "palette":
        dataset.PhotometricInterpretation = "PALETTE COLOR"
        ramp = (np.arange(256, dtype=np.uint16) * 257).tobytes()
        for colour in ("Red", "Green", "Blue"):
            setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
            setattr(dataset, f"{colour}PaletteColorLookupTableData", ramp)
    elif kind in ("rgb", "ybr"):
        dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, 0
        dataset.PhotometricInterpretation = "RGB" if kind == "rgb" else "YBR_FULL"
        grey = np.asarray(stored, np.uint8)
        stored = np.dstack([grey] * 3)
        if kind == "ybr":
            stored = np.dstack([grey, np.full_like(grey, 128), np.full_like(grey, 128)])
    dataset.HighBit = dataset.BitsStored - 1
    frames = [stored]
    frames += [np.rint(other[:, :, 0]).astype(np.uint8) for other in others]
    for number in range(1, condition.frames if not others else 1):
        moving = np.array(stored)
        middle = slice(dataset.Rows // 3, dataset.Rows // 2)
        moving[middle, middle] = np.roll(moving[middle, middle], 5 * number, axis=0)
        frames.append(moving)
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
    dataset.PixelData = b"".join(frame.tobytes() for frame in frames)
    dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
