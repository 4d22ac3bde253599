"""Report of the pixel and document stages: new elements, audit rows, findings and known values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydicom.datadict import keyword_for_tag

from safelight.dicom.encoding import format_tag_path
from safelight.headers.replacement_elements import ReplacementElements
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Finding
from safelight.text.known.known_phi import KnownValue

if TYPE_CHECKING:
    from safelight.documents.stage import CleanedElements
    from safelight.pixels.models import Mask, Redaction

#: Entities of burned-in text that are also searched for in the free text of the header.
_ENTITIES_TO_SEARCH_IN_HEADER = frozenset({"NAME", "ID", "DATE"})
#: Single letters and small numbers are too common in free text to be searched for.
_MIN_CHARACTERS_TO_SEARCH = 4


@dataclass(frozen=True)
class StageReport:
    """Results of the pixel or the document stage for one object.

    Attributes
    ----------
    replacement : ReplacementElements
        New elements of the data set.
    findings : tuple of Finding
        Rows of the ``findings`` table.
    actions : tuple of Action
        Rows of the ``audit`` table.
    known : tuple of KnownValue
        Identifying values that were read in the pixels or in the document. HOLDS PHI.
    """

    replacement: ReplacementElements = ReplacementElements()
    findings: tuple[Finding, ...] = ()
    actions: tuple[Action, ...] = ()
    known: tuple[KnownValue, ...] = ()

    def join(self, other: StageReport) -> StageReport:
        """Return one report of two stages; the other stage wins where both replace an element."""
        return StageReport(
            ReplacementElements(
                {**self.replacement.elements, **other.replacement.elements},
                other.replacement.transfer_syntax or self.replacement.transfer_syntax,
                self.replacement.pixels_cleaned or other.replacement.pixels_cleaned,
                self.replacement.recognizable_face
                if other.replacement.recognizable_face is None
                else other.replacement.recognizable_face,
            ),
            self.findings + other.findings,
            self.actions + other.actions,
            self.known + other.known,
        )

    @classmethod
    def from_pixels(cls, redaction: Redaction, pseudonyms: Pseudonyms) -> StageReport:
        """Return the report of the pixel stage.

        Parameters
        ----------
        redaction : Redaction
            Masks, new elements and flags of the pixel stage.
        pseudonyms : Pseudonyms
            Derives the keyed hash of each masked text.

        Returns
        -------
        StageReport
        """
        findings = tuple(
            Finding(
                _mask_location(mask), mask.entity, mask.engine, mask.confidence,
                pseudonyms.hexdigest("text", mask.text), mask.box, frame,
            )
            for mask in redaction.masks
            for frame in (mask.frames if mask.frames is not None else (None,))
        )  # fmt: skip
        return cls(
            ReplacementElements(
                redaction.elements,
                redaction.transfer_syntax,
                redaction.clean,
                redaction.recognizable_face,
            ),
            findings,
            (
                *_mask_actions(findings),
                *_unused_bits_actions(redaction.cleared_bits),
                *_unread_bytes_actions(redaction),
            ),
            tuple(
                KnownValue(mask.entity, mask.text)
                for mask in redaction.masks
                if mask.entity in _ENTITIES_TO_SEARCH_IN_HEADER
                and sum(map(str.isalnum, mask.text)) >= _MIN_CHARACTERS_TO_SEARCH
            ),
        )

    @classmethod
    def from_document(cls, cleaned: CleanedElements, known: tuple[KnownValue, ...]) -> StageReport:
        """Return the report of the document stage.

        Parameters
        ----------
        cleaned : CleanedElements
            New elements of the encapsulated document or the content tree, and its findings.
        known : tuple of KnownValue
            Values that the document states about its persons. HOLDS PHI.

        Returns
        -------
        StageReport
        """
        actions = tuple(
            Action(
                format_tag_path("", tag), keyword_for_tag(tag), vr, "cleaned", "document",
                f"{len(cleaned.findings)} findings",
            )
            for tag, (vr, _) in cleaned.elements.items()
        )  # fmt: skip
        return cls(ReplacementElements(cleaned.elements), cleaned.findings, actions, known)


def _mask_location(mask: Mask) -> str:
    return f"({mask.overlay:04X},3000)" if mask.overlay else "pixels"


def _mask_actions(findings: tuple[Finding, ...]) -> list[Action]:
    """Return one audit row per frame and per overlay plane, with the number of masks."""
    regions = Counter(
        f"pixels[{'*' if finding.frame is None else finding.frame}]"
        if finding.location == "pixels"
        else finding.location
        for finding in findings
    )
    return [
        Action(
            place,
            "PixelData" if place.startswith("pixels") else "OverlayData",
            "OW",
            "masked",
            "Clean Pixel Data",
            f"{count} regions",
        )
        for place, count in regions.items()
    ]


def _unused_bits_actions(cleared: int) -> list[Action]:
    """Return the audit row for cleared bits outside Bits Stored, if there are any."""
    bits = [str(bit) for bit in range(cleared.bit_length()) if cleared >> bit & 1]
    if not bits:
        return []
    detail = f"unused bits {', '.join(bits)} of all words"
    return [Action("pixels", "PixelData", "OW", "cleared", "Clean Graphics", detail)]


def _unread_bytes_actions(redaction: Redaction) -> list[Action]:
    """Return the audit rows for bytes of the pixel data that no reader displays."""
    actions = []
    if redaction.cleared_bytes:
        detail = f"{redaction.cleared_bytes} bytes after the last frame"
        actions.append(Action("pixels", "PixelData", "OW", "cleared", "bytes of no frame", detail))
    if redaction.frames_with_metadata:
        detail = f"metadata of the codestreams of {redaction.frames_with_metadata} frames"
        actions.append(
            Action("pixels", "PixelData", "OB", "removed", "codestream metadata", detail)
        )
    if redaction.has_new_offsets:
        detail = "offset tables written again"
        actions.append(Action("pixels", "PixelData", "OB", "removed", "false offsets", detail))
    return actions
