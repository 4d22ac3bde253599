"""The checks of one partition of objects, without Spark."""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path

import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG2MPML, RLELossless

from jobs.common.delta.arrow_rows import decode_rows, encode_rows
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.verification.check_results import FINDING, CheckResult, make_checked
from jobs.common.verification.comparison_keys import ComparisonKeys
from jobs.common.verification.object_checks import ObjectCheck, ObjectChecker, RecordedMask
from safelight.verify import Check, Expectation, Verifier
from tests.headers.objects import deidentify, make_object, to_bytes
from tests.jobs.listed_sources import list_sources

LIMITS = ObjectLimits()


@pytest.fixture(scope="module")
def clean() -> bytes:
    data = deidentify(make_object())[1].data
    assert data is not None
    return data


def find(task: ObjectCheck, limits: ObjectLimits = LIMITS) -> list[CheckResult]:
    """Return the findings of one object."""
    checker = ObjectChecker(Expectation(), False, ComparisonKeys.derive(None), limits)
    return [result for result in checker.check([task]) if result.kind == FINDING]


def check(tmp_path: Path, data: bytes, sha256: str, limits: ObjectLimits = LIMITS) -> list[str]:
    (tmp_path / "1.dcm").write_bytes(data)
    (source,) = list_sources(str(tmp_path / "1.dcm"))
    found = find(ObjectCheck(source.uri, source.size, source.version, sha256), limits)
    return [result.detail for result in found]


def test_a_clean_object_has_no_findings(tmp_path: Path, clean: bytes) -> None:
    assert check(tmp_path, clean, hashlib.sha256(clean).hexdigest()) == []


def test_an_object_that_differs_from_its_row_is_a_finding(tmp_path: Path, clean: bytes) -> None:
    assert check(tmp_path, clean, "0" * 64) == ["differs from its row (SHA-256)"]


def test_an_original_is_not_clean(tmp_path: Path) -> None:
    data = to_bytes(make_object())
    assert check(tmp_path, data, hashlib.sha256(data).hexdigest())


def test_a_finding_has_no_value(tmp_path: Path) -> None:
    data = to_bytes(make_object(PatientName="Zyxwell^Anna"))
    assert not any("Zyxwell" in detail for detail in check(tmp_path, data, ""))


def test_a_missing_object_is_a_finding(tmp_path: Path, clean: bytes) -> None:
    (tmp_path / "1.dcm").write_bytes(clean)
    (source,) = list_sources(str(tmp_path / "1.dcm"))
    (tmp_path / "1.dcm").unlink()
    (finding,) = find(ObjectCheck(source.uri, source.size, source.version))
    assert (finding.output_uri, finding.check) == (source.uri, Check.TABLES.value)


def test_an_object_that_takes_too_long_is_said_to_be_unchecked(
    tmp_path: Path, clean: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Verifier, "check", lambda *_: time.sleep(3600))
    found = check(tmp_path, clean, "", ObjectLimits(0.2))
    assert len(found) == 1 and found[0].startswith("cannot be checked: the object takes longer")


@pytest.fixture(scope="module")
def undecodable() -> bytes:
    """Return a clean object whose pixel data no decoder of pydicom can decode."""
    dataset = pydicom.dcmread(io.BytesIO(to_bytes(make_object())))
    dataset.file_meta.TransferSyntaxUID = RLELossless
    dataset.Rows = dataset.Columns = 2
    dataset.add_new("PixelData", "OB", encapsulate([b"\0" * 8]))
    dataset["PixelData"].is_undefined_length = True
    data = deidentify(dataset)[1].data
    assert data is not None
    return data


@pytest.mark.parametrize("masked", [False, True])
def test_pixel_data_that_cannot_be_decoded_are_a_finding_if_the_engine_encoded_them(
    tmp_path: Path, undecodable: bytes, masked: bool
) -> None:
    (tmp_path / "1.dcm").write_bytes(undecodable)
    (source,) = list_sources(str(tmp_path / "1.dcm"))
    found = find(ObjectCheck(source.uri, source.size, source.version, masked=masked))
    expected = Check.PIXELS if masked else Check.UNCHECKED
    assert {finding.check for finding in found} == {expected.value}


def test_an_encoding_without_a_decoder_is_no_finding_even_if_masked(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(io.BytesIO(to_bytes(make_object())))
    dataset.file_meta.TransferSyntaxUID = MPEG2MPML
    dataset.Rows = dataset.Columns = 2
    dataset.add_new("PixelData", "OB", encapsulate([b"\xff\xd8\xff\xd9"]))
    dataset["PixelData"].is_undefined_length = True
    data = deidentify(dataset)[1].data
    assert data is not None
    (tmp_path / "1.dcm").write_bytes(data)
    (source,) = list_sources(str(tmp_path / "1.dcm"))
    found = find(ObjectCheck(source.uri, source.size, source.version, masked=True))
    assert [(f.output_uri, f.check) for f in found] == [(source.uri, Check.UNCHECKED.value)]


def test_objects_and_results_are_rows_of_arrow_batches(tmp_path: Path, clean: bytes) -> None:
    (tmp_path / "1.dcm").write_bytes(clean)
    (source,) = list_sources(str(tmp_path / "1.dcm"))
    masks = [RecordedMask(None, [0, 0, 2, 2]), RecordedMask(1, [0, 0, 4, 4])]
    task = ObjectCheck(source.uri, source.size, source.version, masks=masks)
    assert task.regions == ((None, (0, 0, 2, 2)), (1, (0, 0, 4, 4)))
    checker = ObjectChecker(Expectation(), False, ComparisonKeys.derive(None), LIMITS)
    batches = list(checker([encode_rows(ObjectCheck, [task])]))
    assert list(decode_rows(CheckResult, batches)) == [make_checked(source.uri, False)]
