"""Parser of the verifier."""

from __future__ import annotations

import logging
import warnings

import pytest
from pydicom import config

from safelight.verify.object_reader import UnreadableError, parse_object, silence_pydicom
from tests.verify.objects import original, to_bytes


def test_an_object_is_parsed() -> None:
    assert parse_object(to_bytes(original())).PatientID == "MR-4471902"


def test_a_data_set_without_file_meta_needs_force() -> None:
    data = to_bytes(original())
    bare = data[data.index(b"\x08\x00\x16\x00") :]
    with pytest.raises(UnreadableError):
        parse_object(bare)
    assert parse_object(bare, force=True).PatientID == "MR-4471902"


def test_the_error_has_only_the_class_of_its_cause() -> None:
    with pytest.raises(UnreadableError, match=r"^InvalidDicomError$"):
        parse_object(b"JANE DOE")


def test_settings_of_pydicom_are_restored() -> None:
    mode = config.settings.reading_validation_mode
    with silence_pydicom():
        assert logging.getLogger("pydicom").disabled
    assert not logging.getLogger("pydicom").disabled
    assert config.settings.reading_validation_mode == mode


def test_warnings_are_not_shown() -> None:
    with warnings.catch_warnings(record=True) as shown, silence_pydicom():
        warnings.warn("JANE DOE", stacklevel=1)
    assert shown == []
