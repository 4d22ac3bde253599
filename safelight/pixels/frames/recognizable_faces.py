"""Whether a face could be known again: head volumes of CT, MR and PET, and photographs.

One object tells only a part: what it says of the body, of its orientation and slices. When it
says head, or nothing, and nothing speaks against a volume, a face is assumed: Recognizable
Visual Features (0028,0302) may then not be denied (PS3.15, E.3.2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pydicom.dataset import Dataset

from safelight.dicom.quiet_logging import silence_pydicom
from safelight.pixels.dicom.safe_values import read_items, read_text
from safelight.pixels.frames.frame_source import FrameSource

HeaderGetter = Callable[[str], str]

#: Where enhanced objects say what others say at the top (PS3.3, C.7.6.16).
_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_MACROS = {
    "SliceThickness": ("PixelMeasuresSequence",),
    "SpacingBetweenSlices": ("PixelMeasuresSequence",),
    "PixelSpacing": ("PixelMeasuresSequence",),
}
_REGIONS = ("AnatomicRegionSequence", "PrimaryAnatomicStructureSequence")

#: Modalities of tomographic volumes that have a skin.
_VOLUMES = frozenset({"CT", "MR", "PT"})

#: External-camera photography, still and in motion.
_PHOTOGRAPHS = frozenset({"XC", "DMS"})

#: Modalities that show the inside, a section, a projection or no picture at all.
_FACELESS = frozenset(
    "AR AU BDUS BI BMD CR DX ECG EEG EMG EPS GM HD IO IOL IVOCT IVUS KER KO LEN LS MG NM OAM OCT "
    "OPM OPT OPV OSS PLAN PR PX REG RESP RF RG RTDOSE RTIMAGE RTPLAN RTRECORD RTSTRUCT RWV SEG SM "
    "SR SRF TG US VA XA".split()
)

_HEAD = re.compile(
    r"\b(HEAD|BRAIN|SKULL|FACE|FACIAL|MAXILLOFACIAL|ORBITS?|SINUS(ES)?|NEURO|CRANI\w*|CEREBR\w*"
    r"|KOPF|SCHAEDEL|CABEZA|CEREBRO|TETE|CRANE|WHOLE\s?BODY|WHOLEBODY|WB|NECK|HNECK|HEADNECK"
    r"|IAC|IACS|PITUITARY|TEMPORAL|STROKE|MPRAGE|BRAVO|JAW|MANDIBLE|TMJ|NASAL|NOSE|EAR|EYE)\b"
)
#: Words that place an object elsewhere, believed only when no word of the head stands.
_ELSEWHERE = re.compile(
    r"\b(CHEST|THORAX|LUNGS?|ABDOMEN|PELVIS|LIVER|KIDNEYS?|PROSTATE|HEART|CARDIAC|BREAST|KNEE"
    r"|HIP|ANKLE|FOOT|FEET|HAND|WRIST|ELBOW|SHOULDER|LEG|ARM|FEMUR|TIBIA|[LT]\s?SPINE|LSPINE"
    r"|TSPINE|LUMBAR|THORACIC|SACRUM|COLON|AORTA|UTERUS|BLADDER|PANCREAS|EXTREMITY)\b"
)
_FLAT = re.compile(r"\b(LOCALI[SZ]ER|SCOUT|TOPOGRAM|SURVIEW|PROJECTION|MIP|DOSE|MOSAIC)\b")
#: Screens may show a rendered face, or a table of doses.
_SCREEN = re.compile(r"\b(SCREEN SAVE|SECONDARY)\b")
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_TEXTS = (
    "BodyPartExamined",
    "SeriesDescription",
    "StudyDescription",
    "ProtocolName",
    "RequestedProcedureDescription",
    "PerformedProcedureStepDescription",
)
#: Slices thicker or further apart than this (mm) give no face that anyone knows again.
THICKEST = 6.0
#: A field of view narrower than this (mm) holds no face; wider ones, up to the whole body, do.
NARROWEST = 100.0


def make_header_getter(source: FrameSource) -> HeaderGetter:
    """What :func:`face` asks of an object, enhanced or not.

    Body Part Examined is joined with the names of coded regions, and what stands in functional
    groups is taken from the first of them.
    """

    def get(keyword: str) -> str:
        found = source.text(keyword)
        with silence_pydicom():
            if keyword == "BodyPartExamined":
                regions = _codes(source.dataset)
                for frame in _groups(source.dataset):
                    for anatomy in read_items(frame, "FrameAnatomySequence"):
                        regions += _codes(anatomy)
                return " ".join([found, *dict.fromkeys(regions)]).strip()
            if not found:
                for frame in _groups(source.dataset):
                    for sequence in _MACROS.get(keyword, ()):
                        for item in read_items(frame, sequence):
                            found = found or read_text(item, keyword)
        return found

    return get


def _groups(dataset: Dataset) -> Iterator[Dataset]:
    for sequence in _GROUPS:
        yield from read_items(dataset, sequence)[:1]


def _codes(holder: Dataset) -> list[str]:
    """Meanings of the codes of anatomic regions."""
    return [
        read_text(item, "CodeMeaning")
        for sequence in _REGIONS
        for item in read_items(holder, sequence)
    ]


def assess_face(get: HeaderGetter) -> tuple[bool | None, str]:
    """Whether a face could be known again in an object, or in the volume that it is a slice of.

    Parameters
    ----------
    get : callable
        Keyword → header value as text, empty if missing; see :func:`described`.

    Returns
    -------
    tuple of bool or None, and str
        ``None`` when the header cannot tell; and why, without PHI.
    """
    modality = get("Modality").upper()
    if modality in _FACELESS:
        return False, f"modality {modality} shows no face"
    said = " ".join(get(keyword) for keyword in _TEXTS).upper().replace("_", " ")
    head = bool(_HEAD.search(said))
    if not head and _ELSEWHERE.search(said):
        return False, "described as another part of the body"
    if modality in _PHOTOGRAPHS:
        return True, "a photograph may show a face"
    kind = get("ImageType").upper().replace("_", " ").replace("\\", " ")
    if _FLAT.search(kind):
        return False, "a localizer or a projection, no slice of a volume"
    if modality not in _VOLUMES:
        return None, "a modality that may show anything"
    if _SCREEN.search(kind) and get("SOPClassUID").startswith(_SECONDARY_CAPTURE):
        return None, "a screen may show a rendered face"
    thickness = max(_number(get("SliceThickness")), _number(get("SpacingBetweenSlices")))
    if thickness > THICKEST:
        return False, f"slices thicker than {THICKEST:g} mm"
    if 0 < _field(get) < NARROWEST:
        return False, f"a field of view narrower than {NARROWEST:g} mm"
    if head:
        return True, "described as head, slices thin enough for a face"
    return True, "body part not told, slices thin enough for a face"


def _number(text: str) -> float:
    """First value as a number; 0 if there is none, which says nothing."""
    try:
        return abs(float(text.split("\\")[0]))
    except ValueError:
        return 0.0


def _field(get: HeaderGetter) -> float:
    """Shorter side of the field of view in mm, 0 if it is not told."""
    spacing = [_number(part) for part in get("PixelSpacing").split("\\")]
    sides = [step * _number(get(keyword)) for step, keyword in zip(spacing, ("Rows", "Columns"))]
    return min(sides) if len(sides) == 2 else 0.0
