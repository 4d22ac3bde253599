"""Import pixel scripts of CTP: signatures in braces, followed by boxes to blank."""

from __future__ import annotations

import re

from safelight.rules.importers.ctp.expressions import convert_expression
from safelight.rules.importers.models import RulesImportError
from safelight.rules.importers.rules_file_builder import RulesFileBuilder

_BOX = r"\(\s*-?\d+\s*,\s*-?\d+\s*,\s*\d+\s*,\s*\d+\s*\)"
_SIGNATURE = re.compile(r"\{(?P<expression>[^{}]*)\}(?P<boxes>(?:\s*" + _BOX + r")*)")
_NUMBERS = re.compile(r"-?\d+")


def has_signatures(text: str) -> bool:
    """Return whether a text has signatures with boxes."""
    return re.search(r"\{[^{}]*\}\s*" + _BOX, text) is not None


def _cut_off(box: list[int]) -> list[int]:
    """Return a box without the part that is left of the frame or above it."""
    left, top, width, height = box
    return [max(left, 0), max(top, 0), width + min(left, 0), height + min(top, 0)]


def read_pixel_script(text: str, builder: RulesFileBuilder) -> None:
    """Read a pixel script.

    Parameters
    ----------
    text : str
    builder : RulesFileBuilder
        Receives regions and remarks.

    Raises
    ------
    RulesImportError
        If the text has no signature with boxes.
    """
    if not has_signatures(text):
        raise RulesImportError(f"{builder.file} has no signature with boxes of a CTP pixel script")
    for match in _SIGNATURE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        boxes = [
            _cut_off([int(number) for number in _NUMBERS.findall(box)])
            for box in re.findall(_BOX, match["boxes"])
        ]
        boxes = [box for box in boxes if min(box[2:]) > 0]
        if not boxes:
            builder.add_remark(line, "a signature without boxes")
            continue
        try:
            condition = convert_expression(match["expression"])
        except ValueError as error:
            builder.add_remark(
                line, f"boxes are left out, because {error}; the pixel stage reads all pixels"
            )
        else:
            builder.add_region(line, condition, boxes)
