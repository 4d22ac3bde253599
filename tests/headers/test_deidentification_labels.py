from __future__ import annotations

import io

import pydicom
from pydicom.dataset import Dataset

from safelight.dicom.encoding import EXPLICIT_LITTLE
from safelight.headers.deidentification_labels import LABEL_TAGS, encode_labels


def read_labels() -> Dataset:
    encoded = encode_labels(EXPLICIT_LITTLE, ["Safelight", "x" * 70], ["113100"], "MODIFIED")
    assert set(encoded) == set(LABEL_TAGS)
    data = b"".join(encoded[tag] for tag in sorted(encoded))
    return pydicom.dcmread(io.BytesIO(data), force=True)


def test_object_is_labelled_as_deidentified() -> None:
    labels = read_labels()
    assert labels.PatientIdentityRemoved == "YES"
    assert labels.LongitudinalTemporalInformationModified == "MODIFIED"


def test_method_is_cut_to_the_length_of_its_vr() -> None:
    assert list(read_labels().DeidentificationMethod) == ["Safelight", "x" * 64]


def test_codes_have_scheme_and_meaning() -> None:
    [code] = read_labels().DeidentificationMethodCodeSequence
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("113100", "DCM")
    assert code.CodeMeaning == "Basic Application Confidentiality Profile"
