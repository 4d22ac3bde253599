"""Draw pictures with burned-in text: backgrounds, fonts, and DICOM objects."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFont
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


def encode_object(picture: npt.NDArray[np.float32], condition: Condition) -> bytes:
    """Return the picture as a DICOM object of the condition's kind."""
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
    for number in range(1, condition.frames):
        moving = np.array(stored)
        middle = slice(dataset.Rows // 3, dataset.Rows // 2)
        moving[middle, middle] = np.roll(moving[middle, middle], 5 * number, axis=0)
        frames.append(moving)
    if condition.frames > 1:
        dataset.NumberOfFrames = condition.frames
    dataset.PixelData = b"".join(frame.tobytes() for frame in frames)
    dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
