"""Data that is sent to the workers of a batch of DICOM objects, and between its stages."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Union

from jobs.common.run.annotations import HashedText
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.object_limits import ObjectLimits
from safelight.records import Result

if TYPE_CHECKING:
    from safelight import Deidentifier
    from safelight.deidentifier import SourceScan

#: Outcome of SCAN: the scan, or the result of an object that ended there.
ScanOutcome = Union["SourceScan", Result]


def build_deidentifier(config: DeidentifierConfig) -> Deidentifier:
    """Return the de-identifier of DICOM objects."""
    from safelight import Deidentifier

    return Deidentifier(
        config.rules,
        key=config.key,
        namespace=config.namespace,
        pixels=config.pixels,
        text=config.text,
    )


@dataclass(frozen=True)
class BatchContext:
    """One batch of one run, as it is sent to workers.

    Attributes
    ----------
    deidentifier : DeidentifierConfig
    output : str
        URI of the folder of the output.
    run_id : str
    batch : int
        Number of the batch in the run.
    rules_name : str
    isolated : bool
        Process each object in a child process: a worker died in this batch.
    build : callable
        Builds the de-identifier.
    limits : ObjectLimits
        Time and memory of one object.
    """

    deidentifier: DeidentifierConfig
    output: str
    run_id: str
    batch: int
    rules_name: str
    isolated: bool = False
    build: Callable[[DeidentifierConfig], Deidentifier] = build_deidentifier
    limits: ObjectLimits = ObjectLimits()


class SourceItem(NamedTuple):
    """One source of a task. HOLDS PHI: the URI.

    Attributes
    ----------
    position : int
        Position in the listing of the batch.
    source_id : str
        Keyed hash of the URI and the version.
    uri : str
    size : int
        Bytes.
    version : str
    replace : bool
        Replace an existing object at the output location, which no row refers to.
    """

    position: int
    source_id: str
    uri: str
    size: int
    version: str
    replace: bool = False


class ScannedItem(NamedTuple):
    """One source after SCAN. HOLDS PHI: the URI, the scan and the texts.

    Attributes
    ----------
    source : SourceItem
    scan : bytes
        Outcome of SCAN, see :func:`decode_scan`.
    texts : list of HashedText
        Texts to annotate.
    """

    source: SourceItem
    scan: bytes
    texts: list[HashedText]


def encode_scan(outcome: ScanOutcome) -> bytes:
    """Return the outcome of SCAN as bytes."""
    return pickle.dumps(outcome)


def decode_scan(data: bytes) -> ScanOutcome:
    """Return the outcome of SCAN from bytes that :func:`encode_scan` made in the same run.

    Raises
    ------
    TypeError
        If the bytes are something else.
    """
    from safelight.deidentifier import SourceScan

    outcome: object = pickle.loads(data)  # from an encrypted store of this run
    if not isinstance(outcome, (SourceScan, Result)):
        raise TypeError("the outcome of a scan is neither a scan nor a result")
    return outcome
