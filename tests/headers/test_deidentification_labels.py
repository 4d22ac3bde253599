from __future__ import annotations

import io

import pydicom
import pytest
from pydicom.dataset import Dataset

from safelight.dicom.encoding import EXPLICIT_LITTLE
from safelight.headers.deidentification_labels import (
    LABEL_TAGS,
    ObjectLabels,
    derive_labels,
    encode_labels,
)
from safelight.headers.retained_information import NOTHING, Retained
from safelight.standard.options import Option

NO_OPTIONS: frozenset[Option] = frozenset()


def read_labels(labels: ObjectLabels) -> Dataset:
    encoded = encode_labels(EXPLICIT_LITTLE, ["Safelight", "x" * 70], labels)
    assert set(encoded) == set(LABEL_TAGS)
    data = b"".join(encoded[tag] for tag in sorted(encoded))
    return pydicom.dcmread(io.BytesIO(data), force=True)


def read_clean_labels() -> Dataset:
    return read_labels(ObjectLabels(True, ("113100",), "MODIFIED"))


def test_object_is_labelled_as_deidentified() -> None:
    labels = read_clean_labels()
    assert labels.PatientIdentityRemoved == "YES"
    assert labels.LongitudinalTemporalInformationModified == "MODIFIED"


def test_method_is_cut_to_the_length_of_its_vr() -> None:
    assert list(read_clean_labels().DeidentificationMethod) == ["Safelight", "x" * 64]


def test_codes_have_scheme_and_meaning() -> None:
    [code] = read_clean_labels().DeidentificationMethodCodeSequence
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("113100", "DCM")
    assert code.CodeMeaning == "Basic Application Confidentiality Profile"


def test_object_without_a_method_code_has_no_empty_sequence() -> None:
    labels = read_labels(ObjectLabels(False, (), "UNMODIFIED"))
    assert labels.PatientIdentityRemoved == "NO"
    assert "DeidentificationMethodCodeSequence" not in labels


@pytest.mark.parametrize(
    ("retained", "dates", "codes"),
    [
        (NOTHING, "REMOVED", ("113100",)),
        (Retained.SHIFTED_DATE, "MODIFIED", ("113100", "113107")),
        (Retained.CONSISTENT_TIME, "MODIFIED", ("113100", "113107")),
        (Retained.SHIFTED_DATE | Retained.ORIGINAL_TIME, "MODIFIED", ("113100", "113107")),
        (Retained.ORIGINAL_DATE, "UNMODIFIED", ("113100", "113106")),
        (Retained.ORIGINAL_TIME, "UNMODIFIED", ("113100", "113106")),
        (Retained.ORIGINAL_DATE | Retained.SHIFTED_DATE, "MODIFIED", ()),
    ],
)
def test_labels_of_dates_follow_the_dates_of_the_object(
    retained: Retained, dates: str, codes: tuple[str, ...]
) -> None:
    labels = derive_labels(retained, NO_OPTIONS)
    assert (labels.dates, labels.codes) == (dates, codes)


def test_selected_options_alone_give_no_code() -> None:
    assert derive_labels(NOTHING, frozenset(Option)).codes == ("113100",)


def test_descriptions_are_clean_only_if_a_model_has_read_all_of_them() -> None:
    cleaned = Retained.CLEANED_TEXT
    assert "113105" in derive_labels(cleaned, NO_OPTIONS, text_read=True).codes
    assert "113105" not in derive_labels(cleaned, NO_OPTIONS).codes
    unread = cleaned | Retained.UNREAD_TEXT
    assert "113105" not in derive_labels(unread, NO_OPTIONS, text_read=True).codes


def test_work_of_other_stages_gives_its_codes() -> None:
    labels = derive_labels(
        NOTHING, NO_OPTIONS, pixels_cleaned=True, face_excluded=True, content_cleaned=True
    )
    assert labels.codes == ("113100", "113101", "113102", "113104")


def test_original_value_beyond_the_profile_withdraws_its_code() -> None:
    labels = derive_labels(Retained.BEYOND_PROFILE | Retained.DEVICE, NO_OPTIONS)
    assert (labels.codes, labels.identity_removed) == (("113109",), True)


def test_direct_identifier_is_labelled_as_one() -> None:
    retained = Retained.BEYOND_PROFILE | Retained.DIRECT_IDENTIFIER
    assert not derive_labels(retained, NO_OPTIONS).identity_removed
