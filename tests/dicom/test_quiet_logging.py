from __future__ import annotations

import logging
import warnings

import pytest

from safelight.dicom.quiet_logging import silence_pydicom


def test_log_messages_and_warnings_are_suppressed(caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with silence_pydicom():
            logging.getLogger("pydicom").error("value HARGREAVE")
            warnings.warn("value HARGREAVE", stacklevel=1)
    assert caplog.text == "" and caught == []


def test_logging_is_restored(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="inside"):
        with silence_pydicom():
            raise ValueError("inside")
    logging.getLogger("pydicom").error("after")
    assert "after" in caplog.text


def test_a_thread_that_ends_first_does_not_end_the_silence_of_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = silence_pydicom(), silence_pydicom()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    logging.getLogger("pydicom").error("value HARGREAVE")
    second.__exit__(None, None, None)
    logging.getLogger("pydicom").error("after")
    assert caplog.messages == ["after"]
