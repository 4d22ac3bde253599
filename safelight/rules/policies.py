"""What an organisation's rules say about pixels and about text, as the stages read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

PixelDecision = Literal["phi", "all"]
MaskStyle = Literal["fill", "placeholder"]
FaceAction = Literal["keep", "filter", "quarantine"]
EntityAction = Literal[
    "mask",
    "mask_same_length",
    "mask_fixed_length",
    "surrogate",
    "shift",
    "generalise",
    "token",
    "remove",
    "keep",
]


SecondGuess = Literal["clean", "quarantine", "off"]


@dataclass(frozen=True)
class PixelPolicy:
    """How text in pixels is found, decided on and hidden.

    Attributes
    ----------
    check : bool
        Whether pixels are looked at. When not, objects without a decoder may pass, and
        Clean Pixel Data is not claimed.
    decision : str
        ``phi`` hides what identifies; ``all`` hides every text.
    engine : str
        OCR engine: ``rapidocr`` or ``tesseract``.
    mask : str
        ``fill``, or ``placeholder`` (pseudonym, shifted date, ``[ID]`` drawn into the box).
    lossy_reencode : bool
        Whether a redacted lossy object may be encoded with loss again; otherwise lossless.
    overlays : str
        ``remove`` or ``read`` (OCR them as well).
    icons : str
        ``remove`` or ``rebuild`` (from the clean pixels).
    faces : str
        What happens to head scans that allow a face reconstruction.
    proof_sampling : float
        Share of whole frames read again after masking, 0 to 1; masked neighbourhoods always are.
    """

    check: bool = True
    decision: PixelDecision = "phi"
    engine: Literal["rapidocr", "tesseract"] = "rapidocr"
    mask: MaskStyle = "fill"
    lossy_reencode: bool = False
    overlays: Literal["remove", "read"] = "remove"
    icons: Literal["remove", "rebuild"] = "remove"
    faces: FaceAction = "keep"
    proof_sampling: float = 0.05


def _default_entities() -> Mapping[str, EntityAction]:
    return MappingProxyType(
        {
            "NAME": "mask",
            "DATE": "shift",
            "AGE": "generalise",
            "ID": "mask",
            "LOCATION": "mask",
            "CONTACT": "mask",
            "PROFESSION": "mask",
        }
    )


@dataclass(frozen=True)
class TextPolicy:
    """What happens to a span of text, by entity. An entity that is not named is masked.

    Attributes
    ----------
    entities : mapping
        May name coarse labels (NAME) or fine ones (ZIP); the fine one wins.
    second_guess : str
        What happens to a value that the rules keep and that is PHI to rules and model:
        ``clean`` cuts it out, ``quarantine`` stops the object, ``off`` asks neither. What is
        known of the patient is cut out in any case.
    """

    entities: Mapping[str, EntityAction] = field(default_factory=_default_entities)
    second_guess: SecondGuess = "clean"

    def __getstate__(self) -> dict[str, object]:
        return {"entities": dict(self.entities), "second_guess": self.second_guess}

    def __setstate__(self, state: dict[str, Any]) -> None:
        object.__setattr__(self, "entities", MappingProxyType(state["entities"]))
        object.__setattr__(self, "second_guess", state["second_guess"])
