"""Random objects for property tests: any elements at any depth, with PHI of one patient."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import strategies as st
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.headers.objects import make_object

NAMES = ("OperatorsName", "ReferringPhysicianName", "PatientBirthName", "ResponsiblePerson",
         "PersonName", "VerifyingObserverName", "ContentCreatorName", "ReviewerName",
         "PatientMotherBirthName", "RequestingPhysician", "OtherPatientNames")  # fmt: skip
IDENTIFIERS = ("OtherPatientIDs", "MedicalRecordLocator", "AdmissionID", "AccessionNumber",
               "PlacerOrderNumberImagingServiceRequest", "ServiceEpisodeID",
               "ClinicalTrialSubjectID", "SpecimenIdentifier", "PatientID")  # fmt: skip
TEXTS = ("StudyDescription", "SeriesDescription", "ImageComments", "PatientComments",
         "AdditionalPatientHistory", "ProtocolName", "RequestedProcedureDescription",
         "DerivationDescription", "AcquisitionComments", "UnformattedTextValue", "CodeMeaning",
         "LUTExplanation", "DeviceDescription", "ContrastBolusAgent", "FilterType",
         "ConvolutionKernel", "ROIName", "RTPlanLabel")  # fmt: skip
DATES = ("SeriesDate", "AcquisitionDate", "ContentDate", "PatientBirthDate", "StructureSetDate",
         "PerformedProcedureStepStartDate", "DateOfLastCalibration", "RTPlanDate",
         "ScheduledProcedureStepStartDate")  # fmt: skip
DATE_TIMES = ("AcquisitionDateTime", "FrameAcquisitionDateTime", "RadiopharmaceuticalStartDateTime",
              "FrameReferenceDateTime", "ObservationDateTime")  # fmt: skip
UIDS = ("ReferencedSOPInstanceUID", "FrameOfReferenceUID", "SynchronizationFrameOfReferenceUID",
        "IrradiationEventUID", "TrackingUID", "ConcatenationUID", "InstanceCreatorUID",
        "RelatedFrameOfReferenceUID", "DimensionOrganizationUID",
        "ReferencedFrameOfReferenceUID")  # fmt: skip
SEQUENCES = ("ReferencedImageSequence", "SourceImageSequence", "RequestAttributesSequence",
             "PurposeOfReferenceCodeSequence", "ContributingEquipmentSequence",
             "PerformedProtocolCodeSequence", "AnatomicRegionSequence", "ReferencedStudySequence",
             "DerivationCodeSequence", "RadiopharmaceuticalInformationSequence",
             "SharedFunctionalGroupsSequence", "FrameContentSequence")  # fmt: skip
#: Private creator, group, element and VR; some are safe. A VR of UN hides the type of the value.
PRIVATE = (
    ("GEMS_ACQU_01", 0x0019, 0x9D, "DT"), ("GEMS_ACQU_01", 0x0019, 0x9C, "LO"),
    ("GEMS_PETD_01", 0x0009, 0x05, "DT"), ("GEMS_PETD_01", 0x0009, 0x0D, "UN"),
    ("ACME SECRET", 0x0011, 0x01, "LO"), ("ACME SECRET", 0x0011, 0x02, "UN"),
    ("ACME SECRET", 0x0011, 0x03, "SQ"), ("GEMS_ACQU_01", 0x0019, 0x02, "SL"),
)  # fmt: skip

_DAYS = st.integers(0, 20_000).map(lambda n: date(1950, 3, 2) + timedelta(days=n))
_LETTERS = st.text("BCDFGHJKLMNPQRSTVWXZ", min_size=5, max_size=9)


@dataclass
class Tree:
    """Object and the values in it that identify its patient.

    Attributes
    ----------
    dataset : Dataset
    secrets : list of str
        Parts of names, and identifiers.
    uids : set of str
        Original UIDs in it.
    """

    dataset: Dataset
    secrets: list[str] = field(default_factory=list)
    uids: set[str] = field(default_factory=set)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Draw an object in which all values are of one patient."""
    surname, given = draw(_LETTERS), draw(_LETTERS)
    identifier = f"P{draw(st.integers(100_000, 999_999))}Z"
    syntax = draw(
        st.sampled_from([ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
    )
    tree = Tree(make_object(syntax), [surname, given, identifier])
    ds = tree.dataset
    ds.PatientName, ds.PatientID = f"{surname}^{given}", identifier
    ds.StudyDate = f"{draw(_DAYS):%Y%m%d}"
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        setattr(ds, keyword, _uid(draw, tree))
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    _fill(draw, tree, ds, 0)
    return tree


def _uid(draw: st.DrawFn, tree: Tree) -> str:
    # Few different UIDs, so that some references point to instances of the object.
    uid = f"1.2.826.0.1.3680043.8.498.{draw(st.integers(1000, 1030))}"
    tree.uids.add(uid)
    return uid


def _sentence(draw: st.DrawFn, tree: Tree) -> str:
    before = draw(st.sampled_from(["", "for ", "CT of ", "no. ", "seen by Dr "]))
    secret = draw(st.sampled_from(tree.secrets))
    form = draw(st.sampled_from([str.upper, str.lower, str.title]))
    return f"{before}{form(secret)}{draw(st.sampled_from(['', ', repeat', ' left', '.']))}"


def _fill(draw: st.DrawFn, tree: Tree, ds: Dataset, depth: int) -> None:
    """Add random elements to a data set, some of them sequences with random items."""
    surname, given, identifier = tree.secrets[:3]
    top = depth == 0
    for keyword in draw(st.sets(st.sampled_from(NAMES), max_size=3)):
        setattr(ds, keyword, draw(st.sampled_from([f"{surname}^{given}", f"{given}^X^{surname}"])))
    for keyword in draw(st.sets(st.sampled_from(IDENTIFIERS), max_size=3)):
        if not (top and keyword == "PatientID"):
            setattr(ds, keyword, identifier)
    for keyword in draw(st.sets(st.sampled_from(TEXTS), max_size=3)):
        short = dictionary_VR(keyword) == "SH"  # at most 16 characters: only a name fits
        setattr(ds, keyword, tree.secrets[0] if short else _sentence(draw, tree))
    for keyword in draw(st.sets(st.sampled_from(DATES), max_size=3)):
        setattr(ds, keyword, f"{draw(_DAYS):%Y%m%d}")
    for keyword in draw(st.sets(st.sampled_from(DATE_TIMES), max_size=2)):
        setattr(ds, keyword, f"{draw(_DAYS):%Y%m%d}081500.123456")
    for keyword in draw(st.sets(st.sampled_from(UIDS), max_size=3)):
        setattr(ds, keyword, _uid(draw, tree))
    for creator, group, element, vr in draw(st.sets(st.sampled_from(PRIVATE), max_size=3)):
        _add_private(draw, tree, ds, (creator, group, element, vr), depth)
    if depth < 3:
        for keyword in draw(st.sets(st.sampled_from(SEQUENCES), max_size=2)):
            setattr(ds, keyword, Sequence(_items(draw, tree, depth)))


def _items(draw: st.DrawFn, tree: Tree, depth: int) -> list[Dataset]:
    items = [Dataset() for _ in range(draw(st.integers(0, 2)))]
    for item in items:
        _fill(draw, tree, item, depth + 1)
    return items


def _add_private(
    draw: st.DrawFn, tree: Tree, ds: Dataset, what: tuple[str, int, int, str], depth: int
) -> None:
    creator, group, element, vr = what
    block = ds.private_block(group, creator, create=True)
    if vr == "SQ":
        block.add_new(element, vr, Sequence(_items(draw, tree, max(depth, 2))))
    elif vr == "SL":
        block.add_new(element, vr, 912)
    elif vr == "LO":
        block.add_new(element, vr, _sentence(draw, tree))
    elif element in (0x9D, 0x05, 0x0D):
        text = f"{draw(_DAYS):%Y%m%d}081500"
        block.add_new(element, vr, text.encode() if vr == "UN" else text)
    else:
        block.add_new(element, vr, _sentence(draw, tree).encode())
