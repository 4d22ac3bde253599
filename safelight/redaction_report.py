"""What the pixel and document stages did to one object, as header and tables tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safelight.dicom.dictionary import keyword_of
from safelight.dicom.encoding import location
from safelight.headers.replacement_elements import Replacement
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Finding
from safelight.text.known.known_phi import KnownValue

if TYPE_CHECKING:
    from safelight.documents.stage import CleanedElements
    from safelight.pixels.models import Mask, Redaction

#: What is read in pixels and is then looked for in the header's text; single letters and small
#: numbers stand there too often by themselves.
_CARRIED_OVER = frozenset({"NAME", "ID", "DATE"})
_SHORTEST = 4


@dataclass(frozen=True)
class Hidden:
    """What is to be replaced and recorded.

    Attributes
    ----------
    replacement : Replacement
    findings, actions : tuple
    found : tuple of KnownValue
        Identifying values that were read. HOLDS PHI.
    """

    replacement: Replacement = Replacement()
    findings: tuple[Finding, ...] = ()
    actions: tuple[Action, ...] = ()
    found: tuple[KnownValue, ...] = ()


def in_pixels(redaction: Redaction, pseudonyms: Pseudonyms) -> Hidden:
    """What the pixel stage hid."""
    findings = tuple(
        Finding(
            _place(mask), mask.entity, mask.engine, mask.confidence,
            pseudonyms.hexdigest("text", mask.text), mask.box, frame,
        )
        for mask in redaction.masks
        for frame in (mask.frames if mask.frames is not None else (None,))
    )  # fmt: skip
    regions: dict[str, int] = {}
    for finding in findings:
        place = finding.location
        if place == "pixels":
            place = f"pixels[{'*' if finding.frame is None else finding.frame}]"
        regions[place] = regions.get(place, 0) + 1
    cleared = [str(bit) for bit in range(redaction.cleared.bit_length())
               if redaction.cleared >> bit & 1]  # fmt: skip
    bits = Action(
        "pixels", "PixelData", "OW", "cleared", "Clean Graphics",
        f"unused bits {', '.join(cleared)} of all words",
    )  # fmt: skip
    return Hidden(
        Replacement(
            redaction.elements,
            redaction.transfer_syntax,
            redaction.clean,
            redaction.recognizable_face,
        ),
        findings,
        (
            *(
                Action(
                    place,
                    "PixelData" if place.startswith("pixels") else "OverlayData",
                    "OW",
                    "masked",
                    "Clean Pixel Data",
                    f"{count} regions",
                )
                for place, count in regions.items()
            ),
            *((bits,) if cleared else ()),
        ),
        tuple(
            KnownValue(mask.entity, mask.text)
            for mask in redaction.masks
            if mask.entity in _CARRIED_OVER and sum(map(str.isalnum, mask.text)) >= _SHORTEST
        ),
    )


def _place(mask: Mask) -> str:
    return f"({mask.overlay:04X},3000)" if mask.overlay else "pixels"


def in_document(cleaned: CleanedElements, known: tuple[KnownValue, ...]) -> Hidden:
    """What was cleaned out of an encapsulated document, and what a report says of its people."""
    actions = tuple(
        Action(
            location("", tag), keyword_of(tag), vr, "cleaned", "document",
            f"{len(cleaned.findings)} findings",
        )
        for tag, (vr, _) in cleaned.elements.items()
    )  # fmt: skip
    return Hidden(Replacement(cleaned.elements), cleaned.findings, actions, known)
