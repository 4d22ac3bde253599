"""Assess whether a face could be recognized: head volumes of CT, MR and PET, and photographs.

The header of one object describes the body part, the orientation and the slices. If it names the
head, or no body part, and nothing excludes a volume, a face is assumed. Recognizable Visual
Features (0028,0302) must not be NO in this case (PS3.15, section E.3.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydicom.dataset import Dataset

from safelight.dicom.quiet_logging import silence_pydicom
from safelight.pixels.dicom.safe_values import HeaderGetter, read_items, read_text
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.thresholds import FACE_MAX_SLICE_THICKNESS_MM, FACE_MIN_FIELD_OF_VIEW_MM
from safelight.text.lexicon.word_lists import expand_lists

#: Sequences of enhanced objects for attributes that others have at the top (PS3.3, C.7.6.16).
_FUNCTIONAL_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_MACROS = {
    "SliceThickness": ("PixelMeasuresSequence",),
    "SpacingBetweenSlices": ("PixelMeasuresSequence",),
    "PixelSpacing": ("PixelMeasuresSequence",),
}
_REGION_SEQUENCES = ("AnatomicRegionSequence", "PrimaryAnatomicStructureSequence")

#: Modalities of tomographic volumes that have a skin.
_VOLUMES = frozenset({"CT", "MR", "PT"})

#: External-camera photography, still and in motion.
_PHOTOGRAPHS = frozenset({"XC", "DMS"})

#: Modalities that show the inside of the body, a section, a projection, or no picture.
_FACELESS = frozenset(
    "AR AU BDUS BI BMD CR DX ECG EEG EMG EPS GM HD IO IOL IVOCT IVUS KER KO LEN LS MG NM OAM OCT "
    "OPM OPT OPV OSS PLAN PR PX REG RESP RF RG RTDOSE RTIMAGE RTPLAN RTRECORD RTSTRUCT RWV SEG SM "
    "SR SRF TG US VA XA".split()
)

_HEAD = re.compile(
    expand_lists(r"\b(?:<list:body_regions.head>|<list:body_regions.head_stem>\w*|WHOLE\s?BODY)\b")
)
#: Words for other parts of the body. They count only if no word for the head is there.
_ELSEWHERE = re.compile(expand_lists(r"\b(?:<list:body_regions.elsewhere>|[LT]\s?SPINE)\b"))
_FLAT = re.compile(r"\b(LOCALI[SZ]ER|SCOUT|TOPOGRAM|SURVIEW|PROJECTION|MIP|DOSE|MOSAIC)\b")
#: A screen may show a rendered face, or a table of doses.
_SCREEN = re.compile(r"\b(SCREEN SAVE|SECONDARY)\b")
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_DESCRIPTIONS = (
    "BodyPartExamined",
    "SeriesDescription",
    "StudyDescription",
    "ProtocolName",
    "RequestedProcedureDescription",
    "PerformedProcedureStepDescription",
)


def make_header_getter(source: FrameSource) -> HeaderGetter:
    """Return a function for the header values of an object, enhanced or not.

    Body Part Examined is joined with the meanings of coded regions. Values in functional groups
    are those of the first group.
    """

    def get(keyword: str) -> str:
        found = source.get_text(keyword)
        with silence_pydicom():
            if keyword == "BodyPartExamined":
                regions = _read_code_meanings(source.dataset)
                for frame in _first_groups(source.dataset):
                    for anatomy in read_items(frame, "FrameAnatomySequence"):
                        regions += _read_code_meanings(anatomy)
                return " ".join([found, *dict.fromkeys(regions)]).strip()
            if not found:
                for frame in _first_groups(source.dataset):
                    for sequence in _MACROS.get(keyword, ()):
                        for item in read_items(frame, sequence):
                            found = found or read_text(item, keyword)
        return found

    return get


def _first_groups(dataset: Dataset) -> Iterator[Dataset]:
    """Yield the first item of each sequence of functional groups."""
    for sequence in _FUNCTIONAL_GROUPS:
        yield from read_items(dataset, sequence)[:1]


def _read_code_meanings(holder: Dataset) -> list[str]:
    """Return the meanings of the codes of anatomic regions."""
    return [
        read_text(item, "CodeMeaning")
        for sequence in _REGION_SEQUENCES
        for item in read_items(holder, sequence)
    ]


def assess_face(get: HeaderGetter) -> tuple[bool | None, str]:
    """Assess whether a face could be recognized in an object, or in the volume it is a slice of.

    Parameters
    ----------
    get : callable
        See :func:`make_header_getter`.

    Returns
    -------
    tuple of bool or None, and str
        ``None`` if the header does not say it; and the evidence, without PHI.
    """
    modality = get("Modality").upper()
    if modality in _FACELESS:
        return False, f"modality {modality} shows no face"
    description = " ".join(get(keyword) for keyword in _DESCRIPTIONS).upper().replace("_", " ")
    is_head = bool(_HEAD.search(description))
    if not is_head and _ELSEWHERE.search(description):
        return False, "described as another part of the body"
    if modality in _PHOTOGRAPHS:
        return True, "a photograph may show a face"
    image_type = get("ImageType").upper().replace("_", " ").replace("\\", " ")
    if _FLAT.search(image_type):
        return False, "a localizer or a projection, not a slice of a volume"
    if modality not in _VOLUMES:
        return None, "the modality may show anything"
    if _SCREEN.search(image_type) and get("SOPClassUID").startswith(_SECONDARY_CAPTURE):
        return None, "a screen may show a rendered face"
    thickness = max(
        _first_number(get("SliceThickness")), _first_number(get("SpacingBetweenSlices"))
    )
    if thickness > FACE_MAX_SLICE_THICKNESS_MM:
        return False, f"slices thicker than {FACE_MAX_SLICE_THICKNESS_MM:g} mm"
    if 0 < _field_of_view(get) < FACE_MIN_FIELD_OF_VIEW_MM:
        return False, f"a field of view narrower than {FACE_MIN_FIELD_OF_VIEW_MM:g} mm"
    if is_head:
        return True, "described as head, slices thin enough for a face"
    return True, "body part not described, slices thin enough for a face"


def _first_number(text: str) -> float:
    """Return the first value as a number; 0 if there is none."""
    try:
        return abs(float(text.split("\\", maxsplit=1)[0]))
    except ValueError:
        return 0.0


def _field_of_view(get: HeaderGetter) -> float:
    """Return the shorter side of the field of view in mm; 0 if the header does not state it."""
    spacing = [_first_number(part) for part in get("PixelSpacing").split("\\")]
    sides = (get(keyword) for keyword in ("Rows", "Columns"))
    lengths = [step * _first_number(side) for step, side in zip(spacing, sides)]
    return min(lengths) if len(lengths) == 2 else 0.0
