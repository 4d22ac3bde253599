"""Generate whole screens in the layout of devices and workstations (``layouts.yaml``).

Each layout is drawn with three headers: one that agrees with the screen, one without values, and
one of another patient.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image, ImageDraw

from benchmarks.burned_in.drawing import (
    Condition,
    GeneratedObject,
    draw_background,
    encode_object,
    load_font,
)
from safelight.pixels.geometry import Box
from safelight.text.known.known_phi import KnownPHI, KnownValue

HEADERS = ("agrees", "empty", "another's")
SIDE = 640
_PART = re.compile(r"\{(\w+)\}|<([^>]*)>")

SURNAMES = (
    "Hartwell", "Szczepańska", "Müller-Brandt", "O'Shea", "Björkqvist", "Marchetti", "Yamashita",
    "Van der Linden", "García Ruiz", "Okonkwo", "Rao", "Kim",
)  # fmt: skip
GIVEN = ("Agnes", "Tobias", "Åsa", "José", "Nadia", "Anna-Lena", "Chidi", "Soo-jin", "Éloïse")
#: Names that are also medical or common words.
NAMES_THAT_ARE_WORDS = (
    ("Smith", "John"), ("Young", "Grace"), ("Graves", "Mark"), ("Baker", "Rose")
)  # fmt: skip
PLACES = ("St. Brendan Hospital", "Klinikum Nordtal", "CHU de Valmont", "Lakeview Med Ctr")
DOCTORS = ("Dr. H. Lindgren", "DR PATEL", "R. Castellanos MD")
DATES = ("{2}.{1}.{0}", "{1}/{2}/{0}", "{0}-{1}-{2}", "{2}-{3}-{0}", "{0}{1}{2}", "{2}/{1}/{4}")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@lru_cache(maxsize=1)
def layouts() -> tuple[dict[str, Any], ...]:
    """Return all layouts, in the order of the file."""
    text = Path(__file__).with_name("layouts.yaml").read_text("utf-8")
    return tuple(yaml.safe_load(text))


def make_screen(layout: dict[str, Any], header: str, seed: int) -> GeneratedObject:
    """Return one object of a layout."""
    draw = random.Random(f"{layout['name']}/{seed}")  # noqa: S311  seeded, not secret
    values = _values(draw, bool(layout.get("words")))
    condition = Condition(
        layout["name"], font=layout.get("font", "sans-all"), size=layout.get("size", 14), rows=SIDE,
        ground=layout.get("ground", "phantom"), kind=draw.choice(("grey8", "rgb", "grey16")),
    )  # fmt: skip
    noise = np.random.default_rng(draw.getrandbits(32))
    canvas = Image.new("L", (SIDE, SIDE), 0)
    hide: list[tuple[str, Box]] = []
    keep: list[tuple[str, Box]] = []
    for left, top, text in layout["lines"]:
        for kept, part, box in _draw_line(canvas, left, top, text, values, condition):
            (keep if kept else hide).append((part, box))
    letters = np.asarray(canvas, np.float32)[:, :, None] / 255
    ink = 15 if condition.ground == "paper" else 250
    picture = draw_background(condition, noise) * (1 - letters) + ink * letters
    known = KnownPHI(_header(header, values, draw))
    data = encode_object(np.clip(picture, 0, 255), condition)
    return GeneratedObject(data, known, tuple(hide), tuple(keep))


def _draw_line(
    canvas: Image.Image, left: int, top: int, text: str, values: dict[str, str], how: Condition
) -> Iterator[tuple[bool, str, Box]]:
    """Draw a line, and return for each part whether it must be kept, its text and its box."""
    font, draw = load_font(how), ImageDraw.Draw(canvas)
    parts: list[tuple[bool | None, str]] = []
    at = 0
    for match in _PART.finditer(text):
        parts.append((None, text[at : match.start()]))
        parts.append((False, values[match[1]]) if match[1] else (True, match[2]))
        at = match.end()
    parts.append((None, text[at:]))
    line = "".join(part for _, part in parts)
    begin = left if left >= 0 else canvas.width + left - draw.textlength(line, font=font)
    draw.text((begin, top), line, fill=255, font=font)
    before = ""
    for kept, part in parts:
        if kept is not None:
            x0 = begin + draw.textlength(before, font=font)
            x1 = begin + draw.textlength(before + part, font=font)
            y0, y1 = (draw.textbbox((0, top), part, font=font)[i] for i in (1, 3))
            yield kept, part, Box(round(x0), round(y0), round(x1 - x0), round(y1 - y0))
        before += part


def _values(draw: random.Random, words: bool) -> dict[str, str]:
    """Return the values of the placeholders of a screen."""
    if words:
        surname, given = draw.choice(NAMES_THAT_ARE_WORDS)
    else:
        surname, given = draw.choice(SURNAMES), draw.choice(GIVEN)
    style = draw.choice(DATES)

    def date(first: int, last: int) -> str:
        year, month, day = draw.randrange(first, last), draw.randrange(1, 13), draw.randrange(1, 29)
        return style.format(
            year, f"{month:02d}", f"{day:02d}", MONTHS[month - 1], f"{year % 100:02d}"
        )

    hour, minute, second = draw.randrange(7, 20), draw.randrange(60), draw.randrange(60)
    female = draw.random() < 0.5
    return {
        "name": f"{surname}, {given}",
        "caps": f"{surname} {given}".upper(),
        "caret": f"{surname}^{given}".upper(),
        "short": f"{surname}, {given[0]}.",
        "surname": surname,
        "given": given,
        "other": f"{draw.choice(SURNAMES)}, {draw.choice(GIVEN)}",
        "cyrillic": "Соколов Дмитрий Павлович",
        "greek": "Παπαδοπούλου Ελένη",
        "id": draw.choice(("{:08d}", "MRN-{:08d}", "K{:07d}")).format(draw.randrange(10**7)),
        "number": f"{draw.randrange(10**6, 10**7)}",
        "accession": f"RX{draw.randrange(10**5, 10**6)}",
        "serial": f"{draw.randrange(10**4, 10**5)}",
        "birth": date(1930, 2000),
        "date": date(2018, 2024),
        "time": f"{hour:02d}:{minute:02d}:{second:02d}",
        "clock": f"{hour:02d}:{minute:02d}",
        "sex": "F" if female else "M",
        "sexword": "Female" if female else "Male",
        "age": str(draw.randrange(20, 89)),
        "room": f"{draw.randrange(100, 500)}B",
        "place": draw.choice(PLACES),
        "doctor": draw.choice(DOCTORS),
        "street": f"{draw.randrange(2, 99)} Willow Crescent, Fernhill",
        "phone": f"+44 20 7946 0{draw.randrange(100, 999)}",
    }


def _header(header: str, values: dict[str, str], draw: random.Random) -> list[KnownValue]:
    if header == "empty":
        return []
    if header == "another's":
        values = _values(draw, False)
    return [
        KnownValue("NAME", f"{values['surname']}^{values['given']}"),
        KnownValue("ID", values["id"]),
        KnownValue("LOCATION", values["place"]),
    ]
