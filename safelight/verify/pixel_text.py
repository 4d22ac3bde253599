"""Does text that stands in the pixels of an output identify anyone?"""

from __future__ import annotations

from collections.abc import Iterator

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import FULL_DATES, MODIFIED_DATES
from safelight.verify.dicom_object import DicomObject
from safelight.verify.leaks import compile_pattern, normalize_text
from safelight.verify.original_values import collect_original_values
from safelight.verify.phi_shapes import find_phi_shapes
from safelight.verify.pixel_ocr import read_frame_texts


def check_pixel_shapes(
    output: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[Defect]:
    """No identifying shape stands in the pixels."""
    dates = not {FULL_DATES, MODIFIED_DATES} & codes
    for frame, text in read_frame_texts(output.dataset):
        for shape, value in find_phi_shapes(text, dates):
            yield Defect(
                Check.PIXELS, f"pixels[{frame}]", f"show what looks like a {shape}",
                len(value), hasher(value),
            )  # fmt: skip


def check_pixel_leaks(
    original: DicomObject, output: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[Defect]:
    """No identifying value of the original's elements stands in the output's pixels."""
    needles = sorted(collect_original_values(original, codes), key=lambda needle: -len(needle.text))
    by_text = {normalize_text(needle.text): needle for needle in needles}
    pattern = compile_pattern(needle for needle in needles if needle.kind != "uid")
    for frame, text in read_frame_texts(output.dataset):
        for match in pattern.finditer(normalize_text(text)):
            needle = by_text[match[0]]
            yield Defect(
                Check.LEAK, f"pixels[{frame}]",
                f"show the {needle.kind} that stands at {needle.source} of the original",
                len(needle.text), hasher(needle.text),
            )  # fmt: skip
