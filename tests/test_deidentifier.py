from __future__ import annotations

import io
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, JPEGBaseline8Bit

from safelight import Deidentifier
from safelight.records import Reason, Result, Span, Status
from safelight.rules import parse_rules
from tests.pixels.drawn_text import draw_text
from tests.pixels.objects import native_object

KEY = bytes(range(32))
START = 4096


def make_image(
    compressed: bool = False,
    comment: str = "seen by Whitlow",
    more: int = 0,
    modality: str = "CT",
) -> bytes:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit if compressed else ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "1.2.4", "1.2.5", modality
    ds.PatientID, ds.PatientName, ds.StudyDescription = "P1", "Doe^Jane", comment
    ds.Rows = ds.Columns = 128
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    pixels = bytes(range(256)) * 64
    ds.PixelData = encapsulate([pixels]) if compressed else pixels
    ds["PixelData"].VR = "OB"
    if more:
        ds.add_new(0xFFFCFFFC, "OB", bytes(more))
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def deidentifier() -> Deidentifier:
    return Deidentifier("research", key=KEY, pixels=False)


def test_scan_of_first_bytes_finds_the_texts_of_the_object(deidentifier: Deidentifier) -> None:
    data = make_image()
    found = deidentifier.scan_start(data[:START], len(data))
    assert found is not None and found.texts == deidentifier.scan(data).texts
    assert "seen by Whitlow" in found.texts


@pytest.mark.parametrize(
    "data",
    [
        make_image(compressed=True),
        make_image(more=64),
        make_image(comment="x" * 9000),
        make_image()[:-10] + b"1234567890" * 2,
        b"no DICOM" * 2000,
    ],
)
def test_first_bytes_are_not_enough_for_other_objects(
    deidentifier: Deidentifier, data: bytes
) -> None:
    assert deidentifier.scan_start(data[:START], len(data)) is None


def test_first_bytes_are_not_enough_if_pixels_are_checked() -> None:
    data = make_image()
    assert Deidentifier("research", key=KEY).scan_start(data[:START], len(data)) is None


def test_rebuild_of_a_scan_gives_the_result_of_deidentify(deidentifier: Deidentifier) -> None:
    data = make_image()
    rebuilt = deidentifier.rebuild(data, deidentifier.scan(data))
    assert rebuilt == deidentifier.deidentify(data) and rebuilt.status is Status.DEIDENTIFIED


def test_rebuild_uses_the_given_spans(deidentifier: Deidentifier) -> None:
    data = make_image()
    scan = deidentifier.scan(data)
    spans = {text: [Span(8, 15, "NAME", "ner")] if "seen" in text else [] for text in scan.texts}
    result = deidentifier.rebuild(data, scan, spans)
    assert result.data is not None and b"seen by [NAME]" in result.data


def test_refused_scan_is_the_result_of_rebuild(deidentifier: Deidentifier) -> None:
    scan = deidentifier.scan(b"not DICOM")
    result = deidentifier.rebuild(b"not DICOM", scan)
    assert (result.status, result.reason_code) == (Status.FILTERED, Reason.NOT_DICOM.value)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_like_input_is_read(deidentifier: Deidentifier, kind: type) -> None:
    data = make_image()
    assert deidentifier.deidentify(kind(data)).data == deidentifier.deidentify(data).data


@pytest.mark.parametrize("value", [None, "text", 5])
def test_input_that_is_not_bytes_is_not_dicom(deidentifier: Deidentifier, value: Any) -> None:
    result = deidentifier.deidentify(value)
    assert result.reason_code == "not_dicom" and "pass the bytes" in result.reason


def test_a_pickled_deidentifier_gives_the_same_result(deidentifier: Deidentifier) -> None:
    data = make_image()
    copy = pickle.loads(pickle.dumps(deidentifier))
    assert copy.deidentify(data) == deidentifier.deidentify(data)


def test_threads_share_a_deidentifier() -> None:
    data = make_image()
    objects = [data.replace(b"P1", b"%02d" % number) for number in range(40)]
    alone, shared = (Deidentifier("research", key=KEY, pixels=False) for _ in range(2))
    expected = [alone.deidentify(data) for data in objects]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(shared.deidentify, objects * 3)) == expected * 3


def test_text_off_collects_no_texts() -> None:
    scan = Deidentifier("research", key=KEY, pixels=False, text=False).scan(make_image())
    assert scan.texts == frozenset()


@pytest.mark.parametrize("outcome", ["reject", "quarantine"])
def test_filter_of_the_rules_stops_the_object(outcome: str) -> None:
    rules = parse_rules(
        "name: own\nversion: 1\nextends: research\n"
        f"filters: [{{{outcome}: {{Modality: {{equals: CT}}}}, reason: not wanted}}]\n",
        "own",
    )
    result = Deidentifier(rules, key=KEY, pixels=False).deidentify(make_image())
    expected = Status.FILTERED if outcome == "reject" else Status.QUARANTINED
    assert (result.status, result.reason_code) == (expected, Reason.FILTERED_BY_RULE.value)


def test_object_that_cannot_be_parsed_states_no_class(deidentifier: Deidentifier) -> None:
    result = deidentifier.deidentify(make_image().replace(b"LO\x02\x00P1", b"LO\xff\xffP1"))
    assert result.status is Status.QUARANTINED and result.sop_class_uid == ""


@pytest.mark.parametrize(("modality", "stated"), [("MR", "MR"), ("Whitlow", "")])
def test_only_a_valid_modality_of_a_refused_object_is_stated(modality: str, stated: str) -> None:
    deidentifier = Deidentifier("research", key=KEY, pixels=False)
    deidentifier.headers.write = None  # type: ignore[assignment, method-assign]
    data = make_image(modality=modality)
    assert deidentifier.deidentify(data).modality == stated


def make_burned_in(**header: object) -> bytes:
    """Return a Secondary Capture object whose pixels show the name of its patient."""
    picture = draw_text("SMITHSON JOHN")
    rows, columns = picture.shape
    return native_object(
        picture.tobytes(), Rows=rows, Columns=columns, PatientName="Smithson^John", PatientID="P1",
        StudyInstanceUID="2.25.2", SeriesInstanceUID="2.25.3", **header,
    )  # fmt: skip


def repeat_element(data: bytes, tag: bytes) -> bytes:
    """Return an object whose element with this tag, a short one, comes once more at the end."""
    begin = data.index(tag)
    return data + data[begin : begin + 8 + int.from_bytes(data[begin + 6 : begin + 8], "little")]


@pytest.fixture(scope="module")
def reading_deidentifier() -> Deidentifier:
    return Deidentifier("research", key=KEY, annotate=lambda texts: [[] for _ in texts])


def test_pixels_of_an_object_with_a_content_tree_are_masked(
    reading_deidentifier: Deidentifier,
) -> None:
    item = Dataset()
    item.ValueType, item.TextValue = "TEXT", "no finding"
    result = reading_deidentifier.deidentify(
        make_burned_in(ValueType="CONTAINER", ContentSequence=[item])
    )
    assert result.status is Status.DEIDENTIFIED and result.data is not None
    assert any(finding.location == "pixels" for finding in result.findings)
    shown = pydicom.dcmread(io.BytesIO(result.data)).pixel_array
    assert shown.max() < 255


def test_a_second_pixel_data_element_is_refused(
    deidentifier: Deidentifier, reading_deidentifier: Deidentifier
) -> None:
    data = make_burned_in()
    pixels = data[data.index(b"\xe0\x7f\x10\x00OB") :]
    for one in (deidentifier, reading_deidentifier):
        result = one.deidentify(data + pixels)
        assert result.status is Status.QUARANTINED
        assert result.reason_code == Reason.MALFORMED.value


def test_a_repeated_deidentification_label_does_not_survive(deidentifier: Deidentifier) -> None:
    data = make_burned_in(PatientIdentityRemoved="NO")
    result = deidentifier.deidentify(repeat_element(data, b"\x12\x00\x62\x00CS"))
    assert result.data is not None
    assert result.data.count(b"\x12\x00\x62\x00CS") == 1
    assert pydicom.dcmread(io.BytesIO(result.data)).PatientIdentityRemoved == "YES"


REGION_RULES = """
name: mine
version: 1
extends: research
pixels:
  regions:
    - when: {'(0019,"ACME",01)': {equals: BANNER}}
      mask: [[0, 0, 300, 20]]
    - when: {Modality: {equals: US}}
      keep: ultrasound_regions
"""


def make_regions_image(modality: str, private: str = "", regions: bool = True) -> bytes:
    header: dict[str, object] = {"Modality": modality, "StudyInstanceUID": "1.2.4"}
    header |= {"SeriesInstanceUID": "1.2.5", "PatientID": "P1", "PatientName": "Doe^Jane"}
    if regions:
        item = Dataset()
        item.RegionLocationMinX0, item.RegionLocationMinY0 = 30, 40
        item.RegionLocationMaxX1, item.RegionLocationMaxY1 = 99, 79
        header["SequenceOfUltrasoundRegions"] = [item]
    data = native_object(bytes([200]) * (120 * 160), Rows=120, Columns=160, **header)
    ds = pydicom.dcmread(io.BytesIO(data))
    if private:
        ds.private_block(0x19, "ACME", create=True).add_new(0x01, "LO", private)
    buffer = io.BytesIO()
    ds.save_as(buffer)
    return buffer.getvalue()


def find_masked(result: Result) -> np.ndarray:
    assert result.status is Status.DEIDENTIFIED and result.data, result.reason
    return pydicom.dcmread(io.BytesIO(result.data)).pixel_array != 200


@pytest.fixture(scope="module")
def region_deidentifier() -> Deidentifier:
    return Deidentifier(parse_rules(REGION_RULES, "mine"), key=KEY, text=False)


def test_only_ultrasound_regions_are_kept(region_deidentifier: Deidentifier) -> None:
    masked = find_masked(region_deidentifier.deidentify(make_regions_image("US")))
    assert not masked[40:80, 30:100].any() and masked.sum() == 120 * 160 - 40 * 70


def test_boxes_are_masked_by_a_condition_on_a_private_element(
    region_deidentifier: Deidentifier,
) -> None:
    masked = find_masked(region_deidentifier.deidentify(make_regions_image("CT", "BANNER")))
    assert masked[:20].all() and not masked[20:].any()
    assert not find_masked(region_deidentifier.deidentify(make_regions_image("CT"))).any()


def test_an_object_without_ultrasound_regions_is_quarantined(
    region_deidentifier: Deidentifier,
) -> None:
    result = region_deidentifier.deidentify(make_regions_image("US", regions=False))
    assert result.status is Status.QUARANTINED
    assert result.reason_code == Reason.FILTERED_BY_RULE.value


def test_a_run_without_pixels_quarantines_images_if_the_rules_have_regions() -> None:
    off = Deidentifier(parse_rules(REGION_RULES, "mine"), key=KEY, text=False, pixels=False)
    data = make_regions_image("CT")
    assert off.scan_start(data, len(data)) is None
    assert off.deidentify(data).reason_code == Reason.PIXELS_NOT_CHECKED.value


def test_limits_do_not_change_the_result() -> None:
    limited = Deidentifier(key=KEY, object_seconds=60, object_memory_bytes=1 << 30, pixels=False)
    data = native_object(bytes(64), rows=8, columns=8)
    assert limited.deidentify(data) == Deidentifier(key=KEY, pixels=False).deidentify(data)
    assert limited.deidentify(b"").reason_code == Reason.NOT_DICOM.value


@pytest.mark.parametrize(
    ("step", "limit", "reason"),
    [
        ("_scan", {"object_seconds": 0.2}, Reason.OBJECT_TIMEOUT),
        ("_rebuild", {"object_seconds": 0.2}, Reason.OBJECT_TIMEOUT),
        ("_rebuild", {"object_memory_bytes": 1 << 26}, Reason.OBJECT_MEMORY),
    ],
)
def test_a_step_that_exceeds_its_limit_costs_only_its_object(
    monkeypatch: pytest.MonkeyPatch, step: str, limit: dict[str, float], reason: Reason
) -> None:
    def exceed(*_: object) -> None:
        blocks = []
        while True:
            time.sleep(0.001)
            blocks.append(bytearray(1 << 22 if "object_memory_bytes" in limit else 1))

    limited = Deidentifier(key=KEY, pixels=False, **limit)  # type: ignore[arg-type]
    with monkeypatch.context() as patched:
        patched.setattr(Deidentifier, step, exceed)
        result = limited.deidentify(native_object(bytes(64), rows=8, columns=8))
    assert result.status is Status.QUARANTINED and result.reason_code == reason.value


@pytest.mark.parametrize("limits", [{}, {"object_seconds": 60}])
def test_a_text_model_that_fails_quarantines_the_object(limits: dict[str, Any]) -> None:
    def fail(_: Any) -> Any:
        raise RuntimeError("out of memory of the GPU")

    deidentifier = Deidentifier(key=KEY, annotate=fail, pixels=False, **limits)
    assert deidentifier.deidentify(make_image()).status is Status.QUARANTINED


def test_limits_need_child_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.fork")
    with pytest.raises(ValueError, match="fork"):
        Deidentifier(key=KEY, object_seconds=1)
