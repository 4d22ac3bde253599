"""Settings of a rule set for pixels and for free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from safelight.rules.pixel_regions import RegionEntry

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
LanguageAction = Literal["refuse", "clean"]

#: Labels of entities that a rules file may name: general ones, specific ones, and two that do not
#: identify a person by themselves.
ENTITY_LABELS = (
    "NAME", "DATE", "AGE", "ID", "LOCATION", "CONTACT", "PROFESSION",
    "PATIENT", "CLINICIAN", "RELATIVE", "DOB", "HOLIDAY", "MRN", "SSN", "ACCESSION", "ACCOUNT",
    "PLAN", "LICENSE", "DEVICE", "VEHICLE", "UID", "STREET", "CITY", "STATE", "COUNTRY", "ZIP",
    "HOSPITAL",
    "PHONE", "EMAIL", "URL", "IP", "USERNAME", "BIRTH", "BIOMETRIC", "ORGANISATION", "UNDER_90",
    "WEEKDAY",
)  # fmt: skip


@dataclass(frozen=True)
class PixelPolicy:
    """Settings for text and faces in pixels.

    The names of the attributes are the keys of ``pixels`` in a rules file, and part of the hash
    of a rule set.

    Attributes
    ----------
    check : bool
        Whether pixels are searched for text. If not, objects without a decoder may pass, and
        the Clean Pixel Data Option is not claimed.
    decision : str
        ``phi`` masks identifying text, ``all`` masks every text.
    engine : str
        OCR engine: ``rapidocr`` or ``tesseract``.
    mask : str
        ``fill``, or ``placeholder`` (pseudonym, shifted date or ``[ID]`` drawn into the box).
    lossy_reencode : bool
        Whether a redacted object with lossy compression may be compressed with loss again;
        otherwise it is compressed losslessly.
    overlays : str
        ``remove``, or ``read`` (OCR as for frames).
    icons : str
        ``remove``, or ``rebuild`` from the redacted pixels.
    faces : str
        Action for head scans from which a face can be reconstructed: ``keep``, ``filter`` or
        ``quarantine``.
    denied_devices : str
        Action for images of devices that the device catalog denies: ``quarantine``, or ``read``
        them like those of other devices.
    proof_sampling : float
        Share of whole frames that are read again after masking, from 0 to 1. The surroundings of
        masks are always read again.
    regions : tuple of RegionEntry
        Regions to mask or to keep; all entries that match an object are applied.
    """

    check: bool = True
    decision: PixelDecision = "phi"
    engine: Literal["rapidocr", "tesseract"] = "rapidocr"
    mask: MaskStyle = "fill"
    lossy_reencode: bool = False
    overlays: Literal["remove", "read"] = "remove"
    icons: Literal["remove", "rebuild"] = "remove"
    faces: FaceAction = "keep"
    denied_devices: Literal["quarantine", "read"] = "quarantine"
    proof_sampling: float = 0.05
    regions: tuple[RegionEntry, ...] = ()


def _default_entities() -> Mapping[str, EntityAction]:
    """Return the default action of each entity label."""
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
    """Settings for free text: the action for each entity label.

    Attributes
    ----------
    entities : mapping of str to str
        Entity label to action. Labels are general (NAME) or specific (ZIP); the specific label
        takes precedence. A label that is not listed is masked.
    second_guess : str
        Action for a value that the rules keep and in which recognizers or the model find PHI:
        ``clean`` removes the finding, ``quarantine`` stops the object, ``off`` runs neither
        recognizers nor model. Known values of the patient are always removed.
    unsupported_language : str
        Action for a free text in a language or script that neither the model nor the rules read:
        ``refuse`` quarantines a note or a document and masks the text of an element as a whole,
        ``clean`` replaces what is found in it.
    """

    entities: Mapping[str, EntityAction] = field(default_factory=_default_entities)
    second_guess: SecondGuess = "clean"
    unsupported_language: LanguageAction = "refuse"

    def __getstate__(self) -> dict[str, object]:
        """Return a picklable state; a mapping proxy cannot be pickled."""
        return {**self.__dict__, "entities": dict(self.entities)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state that `__getstate__` returned."""
        self.__dict__.update(state | {"entities": MappingProxyType(state["entities"])})
