"""Check the text in the pixels of an output."""

from __future__ import annotations

from collections.abc import Iterator

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import FULL_DATES, MODIFIED_DATES
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import BYTE_VRS
from safelight.verify.expectation import NO_RULES, Expectation
from safelight.verify.original_values import collect_original_values
from safelight.verify.pdf_pages import is_pdf, render_pdf_pages
from safelight.verify.phi_shapes import find_phi_shapes
from safelight.verify.pixel_ocr import read_frame_texts, read_image_text
from safelight.verify.secondary_images import render_secondary_images
from safelight.verify.value_patterns import ValuePattern


def _read_places(output: DicomObject) -> Iterator[tuple[str, str]]:
    """Yield place and text of frames, icons, overlays and pages of documents."""
    for frame, text in read_frame_texts(output.dataset):
        yield f"pixels[{frame}]", text
    for place, image in render_secondary_images(output):
        yield place, read_image_text(image)
    for element in output.elements:
        if element.vr in BYTE_VRS and is_pdf(element.value_bytes):
            for number, page in enumerate(render_pdf_pages(element.value_bytes)):
                yield f"{element.location} page[{number}]", read_image_text(page)


def check_pixel_shapes(
    output: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[Defect]:
    """Yield shapes of identifying text in pixels.

    Parameters
    ----------
    output : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
    """
    with_dates = not {FULL_DATES, MODIFIED_DATES} & codes
    for place, text in _read_places(output):
        for shape, value in find_phi_shapes(text, with_dates):
            yield Defect(
                Check.PIXELS, place, f"have the shape of a {shape}", len(value),
                hasher(value),
            )  # fmt: skip


def check_pixel_leaks(
    original: DicomObject,
    output: DicomObject,
    codes: frozenset[str],
    hasher: ValueHasher,
    expectation: Expectation = NO_RULES,
) -> Iterator[Defect]:
    """Yield identifying values of the original's elements in the pixels of the output.

    Parameters
    ----------
    original, output : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
    expectation : Expectation
    """
    found = collect_original_values(original, codes, expectation)
    values = sorted(found, key=lambda value: -len(value.text))
    pattern = ValuePattern([value for value in values if value.kind != "uid"], with_variants=True)
    for place, text in _read_places(output):
        for value in pattern.find(text):
            yield Defect(
                Check.LEAK, place,
                f"show the {value.kind} of {value.source} of the original",
                len(value.text), hasher(value.text),
            )  # fmt: skip
