"""Header stage: each object has an outcome, and an output can be parsed and stays as it is."""

from __future__ import annotations

from functools import cache

from safelight import Deidentifier
from safelight.dicom.parser import parse
from safelight.records import Reason, Status
from tests.fuzz.dicom_seeds import make_seeds as seeds

__all__ = ["run", "seeds"]


def run(data: bytes) -> None:
    """De-identify an object by the shipped rules, without pixels."""
    for rules in ("research", "basic"):
        result = deidentifier(rules).deidentify(data)
        assert result.reason_code != Reason.INTERNAL_ERROR.value, result.reason
        assert (result.data is None) == (result.status is not Status.DEIDENTIFIED)
        if result.data is None:
            continue
        parse(result.data)
        again = deidentifier(rules).deidentify(result.data)
        assert again.reason_code != Reason.INTERNAL_ERROR.value, again.reason


@cache
def deidentifier(rules: str) -> Deidentifier:
    """Return a de-identifier with a text model that finds nothing."""
    return Deidentifier(
        rules, key=bytes(range(32)), pixels=False, annotate=lambda texts: [[] for _ in texts]
    )
