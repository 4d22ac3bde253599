"""Parse an object with pydicom without messages that could hold values."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from pydicom import config, dcmread
from pydicom.dataset import FileDataset


class UnreadableError(Exception):
    """Raised if a file cannot be parsed. The message holds no value of the file."""


@contextmanager
def silence_pydicom() -> Iterator[None]:
    """Prevent pydicom from correcting values, and from quoting them in warnings and logs."""
    logger = logging.getLogger("pydicom")
    disabled = logger.disabled
    mode = config.settings.reading_validation_mode
    logger.disabled = True
    config.settings.reading_validation_mode = config.IGNORE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        config.settings.reading_validation_mode = mode
        logger.disabled = disabled


def parse_object(data: bytes, force: bool = False) -> FileDataset:
    """Parse one object.

    Use it, and everything that reads values of its result, within `silence_pydicom`.

    Parameters
    ----------
    data : bytes
    force : bool
        Whether preamble and File Meta Information may be missing, as in old originals.

    Raises
    ------
    UnreadableError
        If pydicom finds no data set. The message has only the class of the cause.
    """
    try:
        dataset = dcmread(BytesIO(data), force=force)
    except Exception as error:
        raise UnreadableError(type(error).__name__) from None
    if not len(dataset):
        raise UnreadableError("no elements")
    return dataset
