"""Kept values are second-guessed: names that were typed where the standard wants set terms."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from safelight.headers.finding_filter import filter_findings, is_annotated
from safelight.records import Reason, Span, Status
from safelight.rules import parse_rules
from safelight.text.recognizers.patterns import find_patterns
from tests.headers.objects import deidentify, engine, make_object, read, to_bytes

NAMES = ("Ockham", "Ferncastle")
SOFTWARE, KVP, BODY_PART = 0x00181020, 0x00180060, 0x00180015


def model(confidence: float = 0.95):  # type: ignore[no-untyped-def]
    """A text model that knows two people and takes every number for an identifier."""

    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        found = []
        for text in texts:
            spans = [
                Span(text.upper().index(n.upper()), text.upper().index(n.upper()) + len(n),
                     "NAME", "ner", confidence)
                for n in NAMES if n.upper() in text.upper()
            ]  # fmt: skip
            if text.strip().isdigit():
                spans.append(Span(0, len(text), "ID", "ner", 0.99))
            found.append(spans)
        return found

    return annotate


def raw(ds: Dataset, tag: int, vr: str, value: bytes) -> Dataset:
    """The object with an element whose VR or value no writer should give."""
    ds[tag] = DataElement(tag, vr if vr != "DS" else "LO", "x")
    ds._dict[Tag(tag)] = RawDataElement(Tag(tag), vr, len(value), value, 0, False, True)
    return ds


def test_a_name_in_set_terms_is_cut_out_and_shown() -> None:
    ds = make_object(SoftwareVersions=["V2.1", "by Ockham"], ManufacturerModelName="Ingenia")
    new, result = deidentify(ds, annotate=model())
    assert new.SoftwareVersions == ["V2.1", "by [NAME]"] and new.ManufacturerModelName == "Ingenia"
    [finding] = result.findings
    assert (finding.location, finding.entity, finding.engine) == ("(0018,1020)", "NAME", "ner")


@pytest.mark.parametrize("value", [b"694-91-3964 ", b"2012-05-17", b"1.5-2.5 ", b"694913964 "])
def test_a_number_is_one(value: bytes) -> None:
    ds = raw(make_object(PatientID="694-91-3964"), KVP, "DS", value)
    assert not deidentify(ds, annotate=model())[0].KVP  # Type 2: emptied


@pytest.mark.parametrize("value", [b"-1.5E-05", b"+120", b"1.5\\-2 "])
def test_signs_stand_before_numbers(value: bytes) -> None:
    new, _ = deidentify(raw(make_object(), KVP, "DS", value), annotate=model())
    assert new.KVP is not None


@pytest.mark.parametrize(
    ("name", "value", "stays"),
    [
        ("HAKOBYAN^ARAM", b"Hakobyan", False),
        ("HAKOBYAN^ARAM", b"written by somebody     ", False),
        # what 0.0001 plus its noise may look like, byte by byte
        ("HAKOBYAN^ARAM", b"qWeRt\x40\x59?", True),
        ("HAKOBYAN^ARAM", b"\0\0\0\0\0\0Y@", True),
    ],
)
def test_words_are_no_binary_number(name: str, value: bytes, stays: bool) -> None:
    ds = raw(make_object(PatientName=name), 0x00189073, "FD", value)
    assert ("AcquisitionDuration" in deidentify(ds, annotate=model())[0]) is stays


@pytest.mark.parametrize(
    ("maker", "hospital", "left"),
    [
        ("SIEMENS Quail Ridge Imaging Associates", "Quail Ridge Imaging Associates", False),
        ("Quail Ridge Instruments", "Quail Ridge Instruments", True),
        ("SIEMENS Healthineers", "SIEMENS", True),
        ("St. Brannock Hospital", "St. Brannock Hospital", False),
    ],
)
def test_a_place_beside_the_maker_is_not_the_maker(maker: str, hospital: str, left: bool) -> None:
    ds = make_object(Manufacturer=maker, InstitutionName=hospital)
    new, _ = deidentify(ds, annotate=model())
    assert (hospital in new.get("Manufacturer", "")) is left


def test_shy_guesses_and_numbers_do_not_hurt_set_terms() -> None:
    ds = make_object(SoftwareVersions="300451", ReceiveCoilName="Ockham")
    new, _ = deidentify(ds, annotate=model(0.4))
    assert (new.SoftwareVersions, new.ReceiveCoilName) == ("300451", "Ockham")


def test_codes_are_never_read_but_their_meanings_are() -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "Ockham", "99X", "like Ockham"
    scan = engine(annotate=model()).scan(to_bytes(make_object(ProcedureCodeSequence=[code])))
    assert "like Ockham" in scan.texts and "Ockham" not in scan.texts
    new, _ = deidentify(make_object(ProcedureCodeSequence=[code]), annotate=model())
    assert new.ProcedureCodeSequence[0].CodeValue == "Ockham"
    assert new.ProcedureCodeSequence[0].CodeMeaning == "like [NAME]"


def test_the_rules_may_quarantine_or_ask_nothing() -> None:
    ds = make_object(SoftwareVersions="by Ockham")
    text = "name: own\nversion: 1\nextends: research\ntext: {second_guess: %s}\n"
    strict = engine(parse_rules(text % "quarantine", "own"), annotate=model())
    result = strict.deidentify(to_bytes(ds))
    assert result.status is Status.QUARANTINED
    assert result.reason_code == Reason.HEADER_PHI_REMAINS.value
    assert "(0018,1020)" in result.reason and "Ockham" not in result.reason
    off = engine(parse_rules(text % "off", "own"), annotate=model()).deidentify(to_bytes(ds))
    assert read(off.data).SoftwareVersions == "by Ockham"


def test_what_the_organisation_keeps_although_it_identifies_stays() -> None:
    rules = parse_rules(
        "name: own\nversion: 1\nextends: research\n"
        "options: [clean_descriptors, retain_institution_identity]\n"
        "elements: [{tag: OperatorsName, action: keep}]\n",
        "own",
    )
    ds = make_object(OperatorsName="Ockham^W", InstitutionName="Ockham Infirmary")
    new, _ = deidentify(ds, rules, annotate=model())
    assert new.OperatorsName == "Ockham^W" and new.InstitutionName == "Ockham Infirmary"


def test_a_maker_stays_where_the_institution_is_called_like_it() -> None:
    ds = make_object(
        Manufacturer="Philips Medical Systems", InstitutionName="Philips Healthcare",
        SoftwareVersions="5.4 Tewksbury Hospital", InstitutionAddress="Tewksbury Hospital",
    )  # fmt: skip
    new, _ = deidentify(ds)
    assert new.Manufacturer == "Philips Medical Systems"
    assert "Tewksbury" not in new.SoftwareVersions


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["DERIVED", "SECONDARY", "DR_HARGREAVE"], ["DERIVED", "SECONDARY", ""]),
        (["ORIGINAL", "PRIMARY", "PX440172", "NORM"], ["ORIGINAL", "PRIMARY", "", "NORM"]),
        (["ORIGINAL", "PRIMARY", "FERNCASTLE OCKHA"], ["ORIGINAL", "PRIMARY", ""]),
        (["ORIGINAL", "PRIMARY", "HELICAL MODE", "M_FFE"],
         ["ORIGINAL", "PRIMARY", "HELICAL MODE", "M_FFE"]),
    ],
)  # fmt: skip
def test_a_name_goes_out_of_a_coded_string_and_its_neighbours_stay(
    value: list[str], expected: list[str]
) -> None:
    new, _ = deidentify(make_object(ImageType=value), annotate=model())
    assert list(new.ImageType) == expected


@pytest.mark.parametrize("name", ["HEAD^WILLIAM", "LONG^ROSE", "PERFUSION^CT"])
def test_a_surname_that_is_a_term_leaves_coded_strings_alone(name: str) -> None:
    ds = make_object(BodyPartExamined="HEAD", ImageType=["DERIVED", "PRIMARY", "PERFUSION", "LONG"])
    ds.PatientName = name
    new, _ = deidentify(ds)
    assert new.BodyPartExamined == "HEAD" and list(new.ImageType)[2:] == ["PERFUSION", "LONG"]
    ds.BodyPartExamined = name.replace("^", " ")
    if name != "PERFUSION^CT":
        assert not deidentify(ds)[0].get("BodyPartExamined")


def test_known_numbers_go_out_of_numbers_and_of_uids_of_classes() -> None:
    ds = make_object(AcquisitionNumber="440172", SliceLocation="440.172", SeriesNumber="440")
    ds.RelatedGeneralSOPClassUID = "1.2.3.19610702.1"
    ds.ReferencedImageSequence = [Dataset()]
    ds.ReferencedImageSequence[0].ReferencedSOPClassUID = "1.3.12.2.1107.5.9.1"
    new, _ = deidentify(ds)
    assert not new.get("AcquisitionNumber") and new.SeriesNumber == 440
    assert new.SliceLocation == 440.172
    assert "19610702" not in new.RelatedGeneralSOPClassUID
    assert new.ReferencedImageSequence[0].ReferencedSOPClassUID == "1.3.12.2.1107.5.9.1"


def test_a_value_is_read_by_the_vr_of_the_standard() -> None:
    for tag, vr, value in (
        (KVP, "LO", b"Wilhelmina Ockham "),
        (SOFTWARE, "OB", b"by Ockham "),
        (BODY_PART, "LO", b"HEAD of Ockham"),
        (0x00280010, "CS", b"OCKHAM"),
        (0x00280010, "LO", b"Ockham"),
    ):
        data = engine(annotate=model()).deidentify(to_bytes(raw(make_object(), tag, vr, value)))
        assert data.data is not None and b"OCKHAM" not in data.data.upper(), (tag, vr)


def test_text_behind_a_nul_goes() -> None:
    ds = raw(make_object(), 0x00181400, "LO", b"ROUTINE\0\0Hargreave\0")
    new, _ = deidentify(ds, annotate=model())
    assert new.AcquisitionDeviceProcessingDescription == "ROUTINE"
    ds = raw(make_object(), 0x00181210, "SH", b"B30f\0x")
    assert deidentify(ds)[0].ConvolutionKernel == "B30f"


def test_safe_private_bytes_hold_no_words() -> None:
    ds = make_object()
    block = ds.private_block(0x0019, "GEMS_ACQU_01", create=True)
    for offset, value in ((0x02, b"Wilhelmina O"), (0x0F, b"123.5 "), (0x1A, b"\x90\x03\0\0")):
        block.add_new(offset, "UN", value)
    new, _ = deidentify(ds, annotate=model())
    assert block.get_tag(0x02) not in new
    assert block.get_tag(0x0F) in new


def test_people_of_nested_sequences_are_known_everywhere() -> None:
    person, code, request = Dataset(), Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "7", "99X", "Zimmerhoff, G"
    person.PersonIdentificationCodeSequence = [code]
    person.PersonTelephoneNumbers = "(305) 555-0188"
    request.RequestingPhysician, request.PatientID = "Zanetti^Orsola", "QQ-778812"
    ds = make_object(
        OperatorIdentificationSequence=[person], RequestAttributesSequence=[request],
        ImageComments="Zanetti asked, Zimmerhoff scanned; 305 555 0188, QQ778812 too. No nodule.",
    )  # fmt: skip
    new, _ = deidentify(ds, annotate=lambda texts: [[] for _ in texts])
    for value in ("Zanetti", "Zimmerhoff", "0188", "778812"):
        assert value not in new.ImageComments
    assert "nodule" in new.ImageComments


def test_a_study_id_is_known_unless_it_is_a_word_of_the_examination() -> None:
    ds = make_object(StudyID="S19-10442", SeriesDescription="slide S19-10442 of THORAX")
    assert deidentify(ds, annotate=lambda texts: [[] for _ in texts])[0].SeriesDescription == (
        "slide [ID] of THORAX"
    )
    ds.StudyID = "THORAX"
    assert "THORAX" in deidentify(ds, annotate=lambda t: [[] for _ in t])[0].SeriesDescription


@pytest.mark.parametrize(
    ("value", "found", "entity"),
    [
        ("50.80.103.002", "50.80.103.002", "CONTACT"),
        ("G.E. Medical Systems", "G.E", "NAME"),
        ("EIS_eCoil", "EIS_eCoil", "NAME"),
        ("https://github.com/QIICR/Slicer", "QIICR", "NAME"),
        ("$Id: datadefs,v 5.27", "datadefs,v", "NAME"),
        ("syngo agent", "agent", "PROFESSION"),
    ],
)
def test_device_facts_survive_what_a_model_takes_them_for(
    value: str, found: str, entity: str
) -> None:
    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        begin = value.index(found)
        span = Span(begin, begin + len(found), entity, "ner", 0.99, "PHONE" * (entity == "CONTACT"))
        return [[span] if text == value else [] for text in texts]

    assert deidentify(make_object(SoftwareVersions=value), annotate=annotate)[
        0
    ].SoftwareVersions == (value)
    assert deidentify(make_object(StationName="1"), annotate=annotate)[0].StationName == "1"


def test_words_that_nobody_is_called_stay_in_descriptions() -> None:
    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        return [[Span(0, len(text), "NAME", "ner", 0.99)] for text in texts]

    ds = make_object(SeriesDescription="Overlay Test", StudyDescription="Grace Hill")
    new, _ = deidentify(ds, annotate=annotate)
    assert (new.SeriesDescription, new.StudyDescription) == ("Overlay Test", "[NAME]")


@pytest.mark.parametrize(
    ("declared", "meant"), [("ISO_IR 100", "utf-8"), ("ISO_IR 192", "latin-1"), (None, "utf-8")]
)
def test_a_name_in_another_character_set_than_declared_is_known(
    declared: str | None, meant: str
) -> None:
    ds = make_object()
    if declared:
        ds.SpecificCharacterSet, ds.PatientName = declared, "Schäfer^Jörg"
    else:
        raw(ds, 0x00100010, "PN", "Schäfer^Jörg".encode())
    value = "Schäfer".encode(meant)
    raw(ds, 0x0008103E, "LO", value + b" " * (len(value) % 2))
    raw(ds, 0x00181020, "LO", "by Jörg ".encode(meant))
    result = engine(annotate=lambda texts: [[] for _ in texts]).deidentify(to_bytes(ds))
    assert result.data is not None and value not in result.data
    assert "Jörg".encode(meant) not in result.data


def test_a_first_name_and_a_surname_found_apart_go_together() -> None:
    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        parts = [Span(3, 8, "NAME", "ner", 0.95), Span(9, 14, "NAME", "ner", 0.6)]
        return [parts if text == "by Emily Davis" else [] for text in texts]

    new, _ = deidentify(make_object(ReceiveCoilName="by Emily Davis"), annotate=annotate)
    assert new.ReceiveCoilName == "by [NAME]"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("Neck^Parathyroid_4D", []),
        ("Abdomen^AbdRoutine", []),
        ("SIEMENS^BRAIN^GENERAL", []),
        ("Head^Routine", []),
        ("Abdomen^OCKHAM_KIDNEY", ["OCKHAM"]),
        ("Knee^SMITH", ["SMITH"]),
        ("Long^Rose", ["Long^Rose"]),
        ("Head^William", ["Head^William"]),
        ("OCKHAM^JOHN", ["OCKHAM^JOHN"]),
    ],
)
def test_a_region_joined_to_an_examination_is_no_name(value: str, told: list[str]) -> None:
    spans = [span for span in find_patterns(value) if span.entity == "NAME"]
    assert spans
    found = filter_findings(value, "LO", spans, is_technical=False)
    assert [value[span.begin : span.end] for span in found] == told


@pytest.mark.parametrize(
    ("value", "vr", "told"),
    [
        ("OCKHAM", "CS", True),
        ("CT_OCKHAM", "CS", True),
        ("user=ockham", "LO", True),
        ("Ockham/1982", "LO", True),
        ("V2.Ockham.7", "LO", False),
        ("MPRAGE", "CS", False),
    ],
)
def test_a_sure_name_counts_also_where_it_is_glued_to_a_term(
    value: str, vr: str, told: bool
) -> None:
    begin = value.lower().find("ockham")
    spans = [Span(begin, begin + 6, "NAME", "ner", 0.97)] if begin >= 0 else []
    assert vr != "CS" or is_annotated(0x00080008, vr, value) == told
    assert bool(filter_findings(value, vr, spans, is_technical=True)) == told


def test_a_doubtful_name_that_is_glued_stays_a_term() -> None:
    doubtful = [Span(3, 9, "NAME", "ner", 0.92)]
    assert not filter_findings("CT_OCKHAM", "CS", doubtful, is_technical=True)


@pytest.mark.parametrize("value", ["CT_NWOSU", "NWOSU", "Nwosu/Siemens"])
def test_what_a_list_of_surnames_knows_counts_in_set_terms(value: str) -> None:
    at = value.upper().index("NWOSU")
    listed = [Span(at, at + 5, "NAME", "gazetteer", 0.9)]
    assert is_annotated(0x00080008, "CS", value.upper())
    assert filter_findings(value, "CS", listed, is_technical=True)


@pytest.mark.parametrize(
    ("value", "begin", "confidence", "engine", "told"),
    [
        ("PTV_5040", 4, 0.43, "ner", False),  # a dose in cGy, in the nomenclature of TG-263
        ("t2_320", 3, 0.43, "ner", True),  # behind digits: the model may be right
        ("PTV_5040", 4, 0.95, "ner", True),
        ("PTV_5040", 4, 0.43, "known", True),
        ("PTV_50401234", 4, 0.43, "ner", True),
        ("PTV 5040", 4, 0.43, "ner", True),
    ],
)
def test_a_few_digits_joined_to_a_term_are_no_identifier(
    value: str, begin: int, confidence: float, engine: str, told: bool
) -> None:
    span = Span(begin, len(value), "ID", engine, confidence)
    assert bool(filter_findings(value, "LO", [span], is_technical=False)) == told


def test_a_word_after_a_title_is_a_name_in_set_terms_too() -> None:
    for value, told in (("loaner from Dr. Marsh", True), ("table near marsh", False)):
        span = Span(value.lower().index("marsh"), len(value), "NAME", "ner", 0.7)
        assert bool(filter_findings(value, "LO", [span], is_technical=True)) == told


@pytest.mark.parametrize(
    ("written", "told"),
    [("Mercy Lakeside Medical Center", True), ("Tri-Valley Radiology Group", True),
     ("Siemens Healthcare", False), ("Quail Ridge", False)],
)  # fmt: skip
def test_an_institution_is_none_of_the_set_terms(written: str, told: bool) -> None:
    span = Span(7, 7 + len(written), "LOCATION", "ner", 0.8)
    assert bool(filter_findings(f"SIEMENS {written}"[1:], "LO", [span], is_technical=True)) == told


def test_who_contributed_and_who_is_responsible_are_known_everywhere() -> None:
    equipment = Dataset()
    equipment.OperatorsName, equipment.Manufacturer = "Ferncastle^Ada", "Acme"
    ds = make_object(
        ContributingEquipmentSequence=[equipment],
        ResponsibleOrganization="Quail Ridge Farm",
        Manufacturer="SIEMENS Quail Ridge Farm",
        SoftwareVersions="by FERNCASTLE",
    )
    new, _ = deidentify(ds)
    assert new.Manufacturer == "SIEMENS [LOCATION]"
    assert new.SoftwareVersions == "by [NAME]"
