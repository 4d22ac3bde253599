"""Rows that the checks in the workers yield: findings, links between objects, checked outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from jobs.common.delta.arrow_rows import Int32, encode_rows
from safelight.records import Reason, Refusal
from safelight.verify import Check, ConsistencyLink, Defect

#: Values of `CheckResult.kind`.
FINDING, LINK, CHECKED = "finding", "link", "checked"

_ROWS_PER_BATCH = 1000
_LIMIT_REASONS = frozenset({Reason.OBJECT_TIMEOUT, Reason.OBJECT_MEMORY})


@dataclass(slots=True)
class CheckResult:
    """One result of the checks. It holds locations and hashes, no value of an object.

    Attributes
    ----------
    kind : str
        ``finding``, ``link`` or ``checked``.
    output_uri : str
        URI of the output.
    check, location, detail, length, value_hmac
        Columns of a finding, see :class:`safelight.verify.Defect`; of a link only the location.
    link_kind, link_left, link_right : str
        Columns of a link, see :class:`safelight.verify.ConsistencyLink`.
    compared : bool
        Whether a checked output was compared with its original.
    """

    kind: str
    output_uri: str
    check: str = ""
    location: str = ""
    detail: str = ""
    length: Int32 = 0
    value_hmac: str = ""
    link_kind: str = ""
    link_left: str = ""
    link_right: str = ""
    compared: bool = False


def make_finding(output_uri: str, defect: Defect) -> CheckResult:
    """Return the row of a defect of an output."""
    return CheckResult(
        FINDING,
        output_uri,
        check=defect.check.value,
        location=defect.location,
        detail=defect.detail,
        length=defect.length,
        value_hmac=defect.value_hmac,
    )


def make_link(output_uri: str, link: ConsistencyLink) -> CheckResult:
    """Return the row of a link that an output and its original have."""
    return CheckResult(
        LINK,
        output_uri,
        location=link.location,
        link_kind=link.kind,
        link_left=link.left,
        link_right=link.right,
    )


def make_checked(output_uri: str, compared: bool) -> CheckResult:
    """Return the row of an output that was checked, whatever was found."""
    return CheckResult(CHECKED, output_uri, compared=compared)


def encode_results(results: Iterable[CheckResult]) -> Iterator[pa.RecordBatch]:
    """Yield results as Arrow batches of limited size, for ``mapInArrow``."""
    remaining = iter(results)
    while rows := list(islice(remaining, _ROWS_PER_BATCH)):
        yield encode_rows(CheckResult, rows)


def make_refusal_defect(refusal: Refusal, location: str) -> Defect:
    """Return the outcome of an output beyond the limits, or the defect of an unreadable one."""
    check = Check.UNCHECKED if refusal.reason in _LIMIT_REASONS else Check.TABLES
    return Defect(check, location, f"cannot be checked: {refusal.sentence}")
