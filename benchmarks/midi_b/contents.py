"""Fill the modules that only some kinds of objects have: reports, contours, plans, waveforms."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from pydicom.dataset import Dataset

from benchmarks.midi_b.examination import Examination
from benchmarks.midi_b.modules import NAME, OTHER
from benchmarks.midi_b.object_builder import ObjectBuilder


def fill_content(builder: ObjectBuilder, exam: Examination) -> None:
    """Fill the modules of the kind of an examination, if it has any."""
    fill = _FILLS.get(exam.kind)
    if fill is not None:
        fill(builder, exam)


def _fill_report(builder: ObjectBuilder, exam: Examination) -> None:
    builder.set("ValueType", "CONTAINER")
    builder.set("ContinuityOfContent", "SEPARATE")
    builder.set("PreliminaryFlag", "FINAL")
    builder.code("ConceptNameCodeSequence", "18748-4", "LN", "Diagnostic imaging report")
    builder.set("PerformedProcedureCodeSequence", [])
    fills = [lambda item: _fill_text_item(item, exam) for _ in range(3)]
    builder.nested("ContentSequence", *fills, lambda item: _fill_date_item(item, exam))


def _fill_text_item(item: ObjectBuilder, exam: Examination) -> None:
    item.keep("RelationshipType", "CONTAINS")
    item.keep("ValueType", "TEXT")
    item.code("ConceptNameCodeSequence", "121071", "DCM", "Finding")
    item.text("TextValue", exam.make_text(900, "long"))


def _fill_date_item(item: ObjectBuilder, exam: Examination) -> None:
    item.keep("RelationshipType", "CONTAINS")
    item.keep("ValueType", "DATETIME")
    item.code("ConceptNameCodeSequence", "111526", "DCM", "DateTime Started")
    item.shift("DateTime", exam.timestamp)


def _fill_key_objects(builder: ObjectBuilder, exam: Examination) -> None:
    builder.set("ValueType", "CONTAINER")
    builder.set("ContinuityOfContent", "SEPARATE")
    builder.code("ConceptNameCodeSequence", "113000", "DCM", "Of Interest")
    builder.nested("ContentSequence", lambda item: _fill_text_item(item, exam))


def _fill_contours(builder: ObjectBuilder, exam: Examination) -> None:
    builder.keep("StructureSetLabel", "CONTOURS")
    builder.text("StructureSetName", exam.make_text(64))
    builder.shift("StructureSetDate", exam.day)
    builder.keep_tag("StructureSetTime", exam.time)
    builder.remove("ReviewerName", exam.site.reader.dicom_name, NAME)

    def make_fill(name: str, number: int) -> Callable[[ObjectBuilder], None]:
        def fill(item: ObjectBuilder) -> None:
            item.keep("ROINumber", str(number))
            item.uid("ReferencedFrameOfReferenceUID", exam.frame_uid)
            item.keep("ROIName", name)
            item.keep("ROIGenerationAlgorithm", "MANUAL")

        return fill

    names = ("GTV", "PTV_70", "Parotid_L", "Spinal Cord")
    builder.nested("StructureSetROISequence",
                   *(make_fill(name, n + 1) for n, name in enumerate(names)))  # fmt: skip

    def observe(item: ObjectBuilder) -> None:
        item.keep("ObservationNumber", "1")
        item.keep("ReferencedROINumber", "1")
        item.keep("RTROIInterpretedType", "GTV")
        item.remove("ROIInterpreter", exam.site.operator.dicom_name, NAME)

    builder.nested("RTROIObservationsSequence", observe)


def _fill_plan(builder: ObjectBuilder, exam: Examination) -> None:
    builder.keep("RTPlanLabel", "PLAN1")
    builder.text("RTPlanName", exam.make_text(64))
    builder.text("RTPlanDescription", exam.make_text(900, "long"))
    builder.shift("RTPlanDate", exam.day)
    builder.keep_tag("RTPlanTime", exam.time)

    def fill(item: ObjectBuilder) -> None:
        item.keep("FractionGroupNumber", "1")
        item.keep("NumberOfFractionsPlanned", "35")
        item.keep("NumberOfBeams", "2")
        item.keep("NumberOfBrachyApplicationSetups", "0")

    builder.nested("FractionGroupSequence", fill)


def _fill_waveform(builder: ObjectBuilder, exam: Examination) -> None:
    builder.shift("AcquisitionDateTime", exam.timestamp)
    builder.nested("WaveformSequence", lambda item: _fill_channels(item, exam.draw))

    def annotate(item: ObjectBuilder) -> None:
        item.text("UnformattedTextValue", exam.make_text(900, "long"))
        item.keep("ReferencedWaveformChannels", [1, 1])

    builder.nested("WaveformAnnotationSequence", annotate)


def _fill_channels(item: ObjectBuilder, draw: random.Random) -> None:
    item.keep("WaveformOriginality", "ORIGINAL")
    item.keep("NumberOfWaveformChannels", 1)
    item.keep("NumberOfWaveformSamples", 100)
    item.keep("SamplingFrequency", "500")
    item.set("WaveformBitsAllocated", 16)
    item.set("WaveformSampleInterpretation", "SS")
    channel = Dataset()
    channel.ChannelSensitivity, channel.WaveformBitsStored = "1", 16
    channel.ChannelSourceSequence = [Dataset()]
    source = channel.ChannelSourceSequence[0]
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = "2:1", "MDC", "Lead I"
    item.set("ChannelDefinitionSequence", [channel])
    samples = [draw.randrange(-200, 200) for _ in range(100)]
    item.dataset.add_new(0x54001010, "OW", struct.pack("<100h", *samples))


def _fill_slide(builder: ObjectBuilder, exam: Examination) -> None:
    number = f"SP{exam.draw.randrange(10**6, 10**7)}"
    builder.keep("ImageType", ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"])
    builder.remove("ContainerIdentifier", number, OTHER, required=True)

    def fill(item: ObjectBuilder) -> None:
        item.remove("SpecimenIdentifier", f"{number}-A", OTHER)
        item.uid("SpecimenUID", exam.make_uid())
        item.text("SpecimenShortDescription", exam.make_text(64))

    builder.nested("SpecimenDescriptionSequence", fill)


def _fill_frames(builder: ObjectBuilder, exam: Examination) -> None:
    builder.set("NumberOfFrames", "1")

    def fill_shared(item: ObjectBuilder) -> None:
        item.nested("PixelMeasuresSequence", lambda inner: inner.keep("SliceThickness", "5"))

    def fill_content_of_frame(item: ObjectBuilder) -> None:
        item.shift("FrameAcquisitionDateTime", exam.timestamp)
        item.shift("FrameReferenceDateTime", exam.timestamp)
        item.keep("StackID", "1")
        item.keep("InStackPositionNumber", 1)
        item.text("FrameComments", exam.make_text(900, "long"))

    builder.nested("SharedFunctionalGroupsSequence", fill_shared)
    builder.nested(
        "PerFrameFunctionalGroupsSequence",
        lambda item: item.nested("FrameContentSequence", fill_content_of_frame),
    )


_FILLS = {
    "SR": _fill_report,
    "KO": _fill_key_objects,
    "RTSTRUCT": _fill_contours,
    "RTPLAN": _fill_plan,
    "ECG": _fill_waveform,
    "SM": _fill_slide,
    "MRE": _fill_frames,
}
