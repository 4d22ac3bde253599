"""Open an object with pydicom, and say nothing of what is in it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from pydicom import config, dcmread
from pydicom.dataset import FileDataset


class UnreadableError(Exception):
    """The bytes are no DICOM object that the check can read. Holds no value of it."""


@contextmanager
def silence_pydicom() -> Iterator[None]:
    """Keep pydicom from repairing, and from quoting values in warnings and log lines."""
    logger = logging.getLogger("pydicom")
    before = logger.disabled
    mode = config.settings.reading_validation_mode
    logger.disabled = True
    config.settings.reading_validation_mode = config.IGNORE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        config.settings.reading_validation_mode = mode
        logger.disabled = before


def read_object(data: bytes, force: bool = False) -> FileDataset:
    """Parse one object; call it, and whatever touches its values, within :func:`silence_pydicom`.

    Parameters
    ----------
    data : bytes
    force : bool
        Whether the file head may be missing, as it is in old originals.

    Raises
    ------
    UnreadableError
        If pydicom finds no data set in it. The cause is named by its class only.
    """
    try:
        dataset = dcmread(BytesIO(data), force=force)
    except Exception as error:
        raise UnreadableError(type(error).__name__) from None
    if not len(dataset):
        raise UnreadableError("no elements")
    return dataset
