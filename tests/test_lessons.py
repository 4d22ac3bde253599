"""Test against the known errors of other de-identifiers, in headers and in failing closed."""

from __future__ import annotations

import hashlib
import logging
import warnings
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import MPEG2MPML

from safelight import Deidentifier
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Result, Status
from safelight.verify import Check, Verifier
from tests.headers.objects import (
    KEY,
    deidentify,
    find_nothing,
    make_deidentifier,
    make_object,
    method_codes,
    read,
    to_bytes,
)

JPEG_XL_LOSSLESS = "1.2.840.10008.1.2.4.110"
PHI = ("HARGREAVE", "TOMAS", "PX440172", "19610702")


def with_pixels(ds: Dataset, pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> Dataset:
    """Add 8-bit grayscale pixels to an object."""
    ds.Rows, ds.Columns = pixels.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    ds.PixelData = pixels.tobytes()
    return ds


def draw_text(text: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a dark image with bright text in it."""
    noise = np.random.default_rng(3).integers(0, 40, (128, 448), dtype=np.uint8)
    image = Image.fromarray(noise)
    font = ImageFont.load_default(size=22)
    ImageDraw.Draw(image).text((24, 48), text, fill=255, font=font)
    return np.asarray(image)


def is_quarantined(result: Result, reason: Reason) -> bool:
    """Return whether there is no output, for this reason, and the reason quotes no value."""
    assert not [word for word in PHI if word in result.reason]
    return (
        result.status is Status.QUARANTINED
        and result.reason_code == reason.value
        and result.data is None
    )


# ------------------------------------------------------------------ failing closed


@pytest.mark.parametrize("syntax", [MPEG2MPML, JPEG_XL_LOSSLESS, "1.2.840.10008.1.2.4.999"])
def test_transfer_syntax_without_decoder_does_not_skip_pixel_step(syntax: str) -> None:
    ds = with_pixels(make_object(MPEG2MPML), np.zeros((8, 8), np.uint8))
    ds.PixelData = encapsulate([b"\0\0\1\xb3" + bytes(32)])
    ds["PixelData"].is_undefined_length = True
    data = to_bytes(ds).replace(MPEG2MPML.encode(), syntax.encode())
    result = make_deidentifier(pixels=True).deidentify(data)
    assert result.status is Status.QUARANTINED and result.data is None
    assert result.reason_code in (Reason.NO_DECODER.value, Reason.UNKNOWN_TRANSFER_SYNTAX.value)


@pytest.mark.parametrize("step", ["scan", "decide", "redact"])
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refusal(Reason.UNDECODABLE_PIXELS, "frame 0"), Reason.UNDECODABLE_PIXELS),
        (MemoryError("HARGREAVE"), Reason.OBJECT_MEMORY),
        (RuntimeError("HARGREAVE"), Reason.INTERNAL_ERROR),
    ],
)
def test_failed_pixel_step_gives_no_output(
    monkeypatch: pytest.MonkeyPatch, step: str, error: Exception, expected: Reason
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(f"safelight.pixels.stage.PixelStage.{step}", fail)
    ds = with_pixels(make_object(), np.zeros((8, 8), np.uint8))
    result = make_deidentifier(pixels=True).deidentify(to_bytes(ds))
    assert is_quarantined(result, expected)
    assert "HARGREAVE" not in result.reason


def test_exception_in_one_element_stops_the_object(monkeypatch: pytest.MonkeyPatch) -> None:
    from safelight.headers.element_writer import ElementWriter

    whole = ElementWriter.edit

    def fail_at_dates(self: ElementWriter, element: Any, *rest: Any) -> Any:
        if element.tag == 0x00080020:
            raise ValueError("20190312 of HARGREAVE")
        return whole(self, element, *rest)

    monkeypatch.setattr(ElementWriter, "edit", fail_at_dates)
    assert is_quarantined(
        make_deidentifier().deidentify(to_bytes(make_object())), Reason.INTERNAL_ERROR
    )


def test_failed_text_model_stops_the_object() -> None:
    def fail(_: object) -> Any:
        raise RuntimeError("HARGREAVE")

    result = make_deidentifier(annotate=fail).deidentify(
        to_bytes(make_object(ImageComments="of HARGREAVE"))
    )
    assert is_quarantined(result, Reason.INTERNAL_ERROR)


def test_invalid_vr_does_not_stop_the_batch() -> None:
    # An unknown VR, no VR, text instead of a number, and a length that is too large.
    good = to_bytes(make_object(InstanceNumber=4))
    at = good.index(b"\x20\x00\x13\x00IS")
    spoiled = [
        good[: at + 4] + b"??" + good[at + 6 :],
        good[: at + 4] + b"\0\0" + good[at + 6 :],
        good.replace(b"IS\x02\x004 ", b"IS\x02\x00JO"),
        good[: at + 6] + b"\xff\xff" + good[at + 8 :],
    ]
    one = make_deidentifier()
    results = [one.deidentify(data) for data in (*spoiled, good)]
    assert results[-1].status is Status.DEIDENTIFIED
    for data, result in zip(spoiled, results, strict=False):
        assert data != good
        assert result.status in (Status.DEIDENTIFIED, Status.QUARANTINED)
        assert not [word for word in PHI if word.encode() in (result.data or b"")]


def test_statement_of_no_burned_in_text_is_not_trusted() -> None:
    ds = with_pixels(make_object(BurnedInAnnotation="NO"), draw_text("TOMAS HARGREAVE"))
    new, result = deidentify(ds, pixels=True, annotate=find_nothing)
    assert new.PixelData != ds.PixelData
    assert any(action.location.startswith("pixels") for action in result.actions)


def test_statement_of_deidentification_is_not_trusted() -> None:
    ds = make_object(PatientIdentityRemoved="YES", DeidentificationMethod="by someone")
    new, _ = deidentify(ds)
    assert new.PatientID != "PX440172" and new.DeidentificationMethod != "by someone"


# ------------------------------------------------------------------ nesting and private elements


def nest(ds: Dataset, inner: Dataset, depth: int) -> Dataset:
    """Put a data set into sequences of different kinds, ``depth`` levels below the top."""
    keywords = ("ReferencedImageSequence", "PurposeOfReferenceCodeSequence", "SourceImageSequence")
    for level in range(depth):
        outer = Dataset()
        setattr(outer, keywords[level % 3], Sequence([inner]))
        inner = outer
    ds.update(inner)
    return ds


@pytest.mark.parametrize("depth", [1, 2, 5, 12])
@pytest.mark.parametrize("rules", ["basic", "research"])
def test_nested_sequences_are_deidentified(rules: str, depth: int) -> None:
    inner = Dataset()
    inner.PersonName = "HARGREAVE^TOMAS"
    inner.PatientID = "PX440172"
    inner.ReferencedSOPInstanceUID = "1.2.826.0.1.3680043.8.498.77"
    _, result = deidentify(nest(make_object(), inner, depth), rules)
    assert result.data is not None
    for word in ("HARGREAVE", "PX440172", "498.77"):
        assert word.encode() not in result.data


def test_private_date_of_vr_un_is_shifted() -> None:
    ds = make_object()
    safe = ds.private_block(0x0009, "GEMS_PETD_01", create=True)
    safe.add_new(0x0D, "UN", b"20190310101500")  # a DT by the vendor's dictionary
    new, _ = deidentify(ds)
    shift = days(new.StudyDate) - days("20190312")
    value = new[0x0009100D].value
    text = value.decode("ascii") if isinstance(value, bytes) else str(value)
    assert days(text[:8]) - shift == days("20190310")


def test_private_sequence_is_removed() -> None:
    ds, item = make_object(), Dataset()
    item.PatientName = "HARGREAVE^TOMAS"
    block = ds.private_block(0x0029, "ACME SECRET", create=True)
    block.add_new(0x01, "SQ", Sequence([item]))
    block.add_new(0x02, "UN", b"HARGREAVE")
    _, result = deidentify(ds)
    assert result.data is not None and b"HARGREAVE" not in result.data


def test_original_attributes_sequence_is_removed() -> None:
    inner, before = Dataset(), Dataset()
    before.PatientName = "HARGREAVE^TOMAS"
    inner.ModifiedAttributesSequence = Sequence([before])
    inner.ReasonForTheAttributeModification = "CORRECT"
    ds = make_object(OriginalAttributesSequence=Sequence([inner]))
    outer = Dataset()
    outer.OriginalAttributesSequence = Sequence([inner])
    ds.ReferencedImageSequence = Sequence([outer])
    for rules in ("basic", "research"):
        new, result = deidentify(ds, rules)
        assert 0x04000561 not in new and b"HARGREAVE" not in (result.data or b"")
        assert all(0x04000561 not in item for item in new.get("ReferencedImageSequence", ()))


# ------------------------------------------------------------------ dates


def days(text: str) -> int:
    return datetime.strptime(text, "%Y%m%d").toordinal()


def test_each_value_of_a_date_is_shifted() -> None:
    dates = ["20190301", "20190305", "20180101"]
    new, _ = deidentify(make_object(DischargeDate=dates))
    shift = days(new.StudyDate) - days("20190312")
    assert [days(value) - shift for value in new.DischargeDate] == [days(d) for d in dates]


@pytest.mark.parametrize("constant", ["19000101", "19700101", "18991230", "00010101", "99991231"])
def test_placeholder_date_is_not_shifted(constant: str) -> None:
    new, _ = deidentify(make_object(SeriesDate=constant, AcquisitionDateTime=constant + "000000"))
    shift = days(new.StudyDate) - days("20190312")
    for value in (new.SeriesDate, str(new.AcquisitionDateTime)[:8]):
        assert value == constant
    assert shift != 0


def test_context_group_version_is_not_shifted() -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "T-D3000", "SRT", "Chest"
    code.ContextGroupVersion = "20020904"
    new, _ = deidentify(make_object(AnatomicRegionSequence=Sequence([code])))
    assert new.AnatomicRegionSequence[0].ContextGroupVersion == "20020904"


def test_dates_of_a_patient_have_one_shift_and_patients_differ() -> None:
    shifts = set()
    for patient in ("PX440172", "PX440173", "PX440174", "PX440175"):
        own = set()
        for study in ("20190312", "20211130"):
            ds = make_object(
                PatientID=patient, StudyDate=study, SeriesDate="20190313",
                AcquisitionDateTime="20190314101010.25",
            )  # fmt: skip
            new, _ = deidentify(ds)
            own.add(days(new.StudyDate) - days(study))
            own.add(days(new.SeriesDate) - days("20190313"))
            own.add(days(str(new.AcquisitionDateTime)[:8]) - days("20190314"))
        assert len(own) == 1
        shifts |= own
    assert len(shifts) > 1 and 0 not in shifts


# ------------------------------------------------------------------ labels, logs and records


def test_original_values_are_not_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    bad = make_object(AccessionNumber="A7731904", ImageComments="call HARGREAVE", StudyDate="x19")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = to_bytes(bad)
        caught.clear()  # warnings of pydicom, which wrote the object
        caplog.clear()
        result = make_deidentifier(annotate=find_nothing).deidentify(data)
        messages = [str(warning.message) for warning in caught]
    output = capfd.readouterr()
    recorded = repr((result.actions, result.findings, result.catalog, result.reason))
    everything = "\n".join((caplog.text, output.out, output.err, recorded, *messages))
    for word in (*PHI, "A7731904", "x19"):
        assert word not in everything


def test_pseudonyms_need_a_key_and_are_not_plain_hashes() -> None:
    with pytest.raises(TypeError):
        Deidentifier("research")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="at least 32"):
        Deidentifier("research", key=b"short")
    new, _ = deidentify(make_object())
    other, _ = deidentify(make_object(), key=bytes(range(32, 64)))
    assert new.PatientID != other.PatientID and new.SOPInstanceUID != other.SOPInstanceUID
    for name in ("md5", "sha1", "sha256", "sha512"):
        plain = hashlib.new(name, b"PX440172").hexdigest()
        assert new.PatientID.lower() not in plain and plain[:10] not in new.PatientID.lower()
    assert Pseudonyms(KEY, "default").patient("PX440172").pseudonym == new.PatientID


def test_clean_pixel_data_is_not_stated_if_pixels_were_not_checked() -> None:
    new, _ = deidentify(with_pixels(make_object(), np.zeros((64, 64), np.uint8)), pixels=False)
    assert "113101" not in method_codes(new) and new.get("BurnedInAnnotation") != "NO"
    checked, _ = deidentify(with_pixels(make_object(), np.zeros((64, 64), np.uint8)), pixels=True)
    assert "113101" in method_codes(checked) and checked.BurnedInAnnotation == "NO"


def test_clean_descriptors_is_not_stated_if_no_text_was_cleaned() -> None:
    assert "113105" not in method_codes(deidentify(make_object(StudyDescription="CHEST"))[0])
    cleaned, _ = deidentify(make_object(StudyDescription="CHEST"), annotate=find_nothing)
    assert "113105" in method_codes(cleaned) and cleaned.StudyDescription == "CHEST"


def test_preamble_and_file_meta_of_the_source_are_removed() -> None:
    ds = make_object()
    ds.file_meta.SourceApplicationEntityTitle = "HARGREAVE"
    data = to_bytes(ds)
    data = b"II*\0HARGREAVE".ljust(128, b"\0") + data[128:]
    result = make_deidentifier().deidentify(data)
    assert result.data is not None and b"HARGREAVE" not in result.data
    assert result.data[:128] == bytes(128)
    assert "SourceApplicationEntityTitle" not in read(result.data).file_meta


def test_verifier_accepts_the_output() -> None:
    ds = with_pixels(
        make_object(ReferringPhysicianName="WHITLOW^ADA", AccessionNumber="A7731904"),
        np.zeros((8, 8), np.uint8),
    )
    _, result = deidentify(ds)
    assert result.data is not None
    verifier = Verifier()
    assert verifier.check(result.data) == ()
    assert verifier.compare(result.data, to_bytes(ds)) == ()
    assert Check.LEAK in {d.check for d in verifier.compare(to_bytes(ds), to_bytes(ds))}
