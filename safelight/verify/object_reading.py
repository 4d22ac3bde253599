"""Open an object with pydicom, and say nothing of what is in it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from pydicom import config, dcmread
from pydicom.dataset import FileDataset


class Unreadable(Exception):
    """The bytes are no DICOM object that the check can read. Holds no value of it."""


@contextmanager
def quiet() -> Iterator[None]:
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


def read(data: bytes, force: bool = False) -> FileDataset:
    """Parse one object; call it, and whatever touches its values, within :func:`quiet`.

    Parameters
    ----------
    data : bytes
    force : bool
        Whether the file head may be missing, as it is in old originals.

    Raises
    ------
    Unreadable
        If pydicom finds no data set in it. The cause is named by its class only.
    """
    try:
        dataset = dcmread(BytesIO(data), force=force)
    except Exception as error:
        raise Unreadable(type(error).__name__) from None
    if not len(dataset):
        raise Unreadable("no elements")
    return dataset
